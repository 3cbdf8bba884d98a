/** Keys of sets that are single ones or intervals. */

import { expect, test } from "vitest";
import { findKey } from "../../../../src/netlink/netfilter/set-bound.ts";

/** 10 to 1f, 30 alone, from 80 on. */
const INTERVALS = [
  ["00", true],
  ["10", false],
  ["20", true],
  ["30", false],
  ["31", true],
  ["80", false],
] as const;

test.for([
  ["0f", undefined],
  ["10", "10"],
  ["1f", "10"],
  ["20", undefined],
  ["30", "30"],
  ["31", undefined],
  ["ff", "80"],
] as const)("findKey() finds the interval of %s when bounds come in any order", ([key, wanted]) => {
  const bounds = INTERVALS.map(([first, isEnd]) => ({ key: first, isEnd })).toReversed();
  expect(findKey(bounds, key)?.key).toBe(wanted);
});
