/** Labels on the command line. */

import { expect, test } from "vitest";
import { Failure } from "../../../src/cli/failure.ts";
import { formatLabels, hasLabels, parseLabels } from "../../../src/cli/labels.ts";

test("parseLabels() takes what is behind the first = as the value when there are several", () => {
  expect(parseLabels(["app=db", "a/b=", "c=d=e"])).toEqual({ app: "db", "a/b": "", c: "d=e" });
});

test("parseLabels() gives undefined when the option is not given", () => {
  expect(parseLabels(undefined)).toBeUndefined();
});

test.for([["app"], ["=db"], [""]])("parseLabels() throws Failure when given %j", ([text = ""]) => {
  expect(() => parseLabels([text])).toThrow(Failure);
});

test.for([
  [undefined, "<none>"],
  [{}, "<none>"],
  [{ a: "1", b: "" }, "a=1,b="],
] as const)("formatLabels() writes as kubectl does when given %j", ([labels, text]) => {
  expect(formatLabels(labels)).toBe(text);
});

test.for([
  [undefined, undefined, true],
  [{ a: "1" }, {}, true],
  [{ a: "1", b: "2" }, { a: "1" }, true],
  [{ a: "1" }, { a: "2" }, false],
  [undefined, { a: "1" }, false],
] as const)("hasLabels() wants all of them when %j is asked for %j", ([labels, wanted, expected]) => {
  expect(hasLabels(labels, wanted)).toBe(expected);
});
