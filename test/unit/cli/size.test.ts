/** Sizes as people write them. */

import { expect, test } from "vitest";
import { formatSize, parseSize } from "../../../src/cli/perf-tier/size.ts";

test.for([
  ["0", 0],
  ["500", 500],
  ["5k", 5_000],
  ["125M", 125_000_000],
  ["1G", 1_000_000_000],
  ["1500M", 1_500_000_000],
  ["1234", 1_234],
] as const)("parseSize() and formatSize() undo each other when given %s", ([text, size]) => {
  expect(parseSize(text)).toBe(size);
  expect(formatSize(size)).toBe(text);
});

test.for([
  ["5K", 5_000],
  ["1.5G", 1_500_000_000],
  ["1.001k", 1_001],
  ["0.001M", 1_000],
  ["007", 7],
] as const)("parseSize() reads another way to write it when given %s", ([text, size]) => {
  expect(parseSize(text)).toBe(size);
});

test.for([
  [""],
  ["k"],
  ["5m"],
  ["5g"],
  ["5T"],
  ["-5"],
  ["+5"],
  ["5 k"],
  ["5kB"],
  ["1e3"],
  ["0.5"],
  ["1.0001k"],
  [".5k"],
  ["5.k"],
  ["99999999999999999"],
])("parseSize() gives undefined when given %j", ([text = ""]) => {
  expect(parseSize(text)).toBeUndefined();
});
