/** Names, labels and interface names: what may be called what. */

import { expect, test } from "vitest";
import { isLabel, isLabelKey, isName } from "../../../src/network/name.ts";

const LONG = "a".repeat(63);

test.for([
  ["web", true],
  ["a", true],
  ["0", true],
  ["a-b9", true],
  [LONG, true],
  [`${LONG}a`, false],
  ["", false],
  ["Web", false],
  ["-a", false],
  ["a-", false],
  ["a.b", false],
  ["a_b", false],
  ["../a", false],
  ["ä", false],
  ["a\n", false],
] as const)("isName() judges a name by RFC 1123 when given %j", ([text, wanted]) => {
  expect(isName(text)).toBe(wanted);
});

test.for([
  ["Group_1.b-c", true],
  [LONG, true],
  [`${LONG}a`, false],
  ["", false],
  [".a", false],
  ["a.", false],
  ["a b", false],
  ["a=b", false],
] as const)("isLabel() judges as Kubernetes does when given %j", ([text, wanted]) => {
  expect(isLabel(text)).toBe(wanted);
});

test.for([
  ["app", true],
  ["diamanti.com/template", true],
  [`${"a.".repeat(126)}a/x`, true],
  [`${"a.".repeat(126)}ab/x`, false],
  ["/x", false],
  ["a/", false],
  ["a/b/c", false],
  ["A.com/x", false],
] as const)("isLabelKey() takes a domain before a name when given %j", ([text, wanted]) => {
  expect(isLabelKey(text)).toBe(wanted);
});
