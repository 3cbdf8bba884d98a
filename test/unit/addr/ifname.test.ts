import { expect, test } from "vitest";
import { isAsciiIfname } from "../../../src/addr/ifname.ts";

test.for([
  ["eth1", true],
  ["enp129s2f2d2v10", true],
  ["enp129s2f2d2v100", false],
  ["eth1.120", true],
  ["", false],
  [".", false],
  ["..", false],
  ["a/b", false],
  ["a:b", false],
  ["a b", false],
  ["eth%d", false],
  ["100%", false],
  ["a\u007f", false],
] as const)("isAsciiIfname() judges as the kernel does when given %j", ([text, wanted]) => {
  expect(isAsciiIfname(text)).toBe(wanted);
});
