/** Virtual functions by index: text and ranges. */

import { expect, test } from "vitest";
import { formatVfRanges, parseVfRanges } from "../../../../src/network/format/vf-ranges.ts";

test.for([
  ["0", [{ first: 0, last: 0 }]],
  ["0-7", [{ first: 0, last: 7 }]],
  [
    "0-7,12",
    [
      { first: 0, last: 7 },
      { first: 12, last: 12 },
    ],
  ],
  ["65534", [{ first: 65534, last: 65534 }]],
] as const)("parseVfRanges() and formatVfRanges() undo each other when given %s", ([text, ranges]) => {
  expect(parseVfRanges(text)).toEqual(ranges);
  expect(formatVfRanges(ranges)).toBe(text);
});

test.for([
  [""],
  ["a"],
  ["7-0"],
  ["0-7,7"],
  ["0-7,3-9"],
  ["5,4"],
  ["1,"],
  ["-1"],
  ["1-"],
  ["01"],
  ["65535"],
  ["0 - 7"],
])("parseVfRanges() gives undefined when given %j", ([text = ""]) => {
  expect(parseVfRanges(text)).toBeUndefined();
});
