/** Counts and bars of address pools. */

import { expect, test } from "vitest";
import { formatBar, formatCount } from "../../../../src/cli/addresses/view.ts";

test.for([
  [0, 10n, "░░░░░░░░░░░░░░░░░░░░ 0 %"],
  [1, 1000n, "█░░░░░░░░░░░░░░░░░░░ 0 %"],
  [5, 10n, "██████████░░░░░░░░░░ 50 %"],
  [999, 1000n, "███████████████████░ 99 %"],
  [10, 10n, "████████████████████ 100 %"],
  [12, 10n, "████████████████████ 100 %"],
  [3, 2n ** 64n, "█░░░░░░░░░░░░░░░░░░░ 0 %"],
] as const)("formatBar() shows the share when %i of %i are used", ([used, total, bar]) => {
  expect(formatBar(used, total)).toBe(bar);
});

test.for([
  [0n, "0"],
  [9_999_999n, "9999999"],
  [10_000_000n, "1.0e7"],
  [2n ** 64n, "1.8e19"],
] as const)("formatCount() is short when the count is %i", ([count, text]) => {
  expect(formatCount(count)).toBe(text);
});
