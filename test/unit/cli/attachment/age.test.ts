/** Ages as kubectl prints them. */

import { expect, test } from "vitest";
import { formatAge } from "../../../../src/cli/attachment/age.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

test.for([
  [0, "0s"],
  [1999, "1s"],
  [119 * SECOND, "119s"],
  [120 * SECOND, "2m"],
  [119 * MINUTE + 59 * SECOND, "119m"],
  [2 * HOUR, "2h"],
  [47 * HOUR, "47h"],
  [48 * HOUR, "2d"],
  [400 * 24 * HOUR, "400d"],
  [-5 * SECOND, "0s"],
] as const)("formatAge() chooses the unit when given %i ms", ([milliseconds, text]) => {
  expect(formatAge(milliseconds)).toBe(text);
});
