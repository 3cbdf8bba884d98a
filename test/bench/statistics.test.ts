/** The numbers that the table is made of. */

import { expect, test } from "vitest";
import { median, pairedRatio, quantile } from "./statistics.ts";

test.for([
  { values: [3, 1, 2], want: 2 },
  { values: [10, 9, 1, 2], want: 5.5 },
])("median() is the middle when given $values", ({ values, want }) => {
  expect(median(values)).toBe(want);
});

test("quantile() lies between neighbours by proportion when it meets none of them", () => {
  expect(quantile([10, 20, 30], 0.1)).toBe(12);
});

test("pairedRatio() compares each value with its own partner when a disturbance hits a whole round", () => {
  expect(pairedRatio([1, 100, 4], [2, 400, 4]).median).toBe(0.5);
});

test("pairedRatio() gives the order statistics 14 and 27 as interval when there are 40 pairs", () => {
  const ratios = Array.from({ length: 40 }, (_, i) => i + 1);
  const ones = ratios.map(() => 1);
  expect(pairedRatio(ratios, ones)).toEqual({ median: 20.5, low: 14, high: 27 });
});

test("pairedRatio() gives the extremes as interval when there are few pairs", () => {
  expect(pairedRatio([1, 2, 3], [1, 1, 1])).toEqual({ median: 2, low: 1, high: 3 });
});
