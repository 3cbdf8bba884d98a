/** When what a command prints counts as what its document says. */

import { expect, test } from "vitest";
import { isSameOutput } from "../support/docs/placeholders.ts";

test.for([
  ["names of interfaces", "veth750e30c6745 (cni0)", "veth0123456789a (cni0)"],
  ["MAC addresses", "ee:53:85:39:b4:48", "02:00:00:00:00:01"],
  ["ages at the end of a row", "web   3s", "web   12m"],
  ["times", "made 2026-11-21T07:56:24.765Z;", "made 2027-01-01T00:00:00.000Z;"],
  ["blanks at the end", "a ", "a"],
] as const)("isSameOutput() is true when lines differ in %s", ([, written, printed]) => {
  expect(isSameOutput([written], [printed])).toBe(true);
});

test.for([
  ["another word", ["a", "b"], ["a", "c"]],
  ["a line more", ["a"], ["a", "b"]],
  ["a line less", ["a", "b"], ["a"]],
  ["another address", ["10.1.0.2/16"], ["10.1.0.3/16"]],
  ["an interface of another sort", ["veth750e30c6745"], ["ifb750e30c67451"]],
  ["no line after those that may be any", ["...", "b"], ["a"]],
] as const)("isSameOutput() is false when there is %s", ([, written, printed]) => {
  expect(isSameOutput(written, printed)).toBe(false);
});

test.for([
  ["none", ["a", "b"]],
  ["one", ["a", "x", "b"]],
  ["the last word of several", ["a", "b", "x", "b"]],
] as const)("isSameOutput() takes '...' for any lines when there is %s", ([, printed]) => {
  expect(isSameOutput(["a", "...", "b"], printed)).toBe(true);
});
