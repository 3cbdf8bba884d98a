/** Keys that stand twice in one object of a JSON text. */

import { expect, test } from "vitest";
import { duplicateKeys } from "../../../src/json/duplicates.ts";

test.for<[text: string, keys: string[]]>([
  ["{}", []],
  ['{"x": {"a": 1, "b": 2}}', []],
  ['{"x": {"a": 1, "a": 2}}', ["a"]],
  ['{"X": {"a": 1, "a": 2}}', ["a"]],
  ['{"x": {"a": 1, "b": {"a": 1}}}', []],
  ['{"x": {"a": {"a": 1}, "a": 2}}', ["a"]],
  ['{"y": {"a": 1, "a": 2}, "x": {"a": 1}}', []],
  ['{"x": {"a": "a", "b": "a"}}', []],
  ['{"x": {"\\u0061": 1, "a": 2}}', ["a"]],
  ['{"x": {"a\\"": 1, "a": 2}}', []],
  ['{"x": {"a": "{\\"a\\":", "b": "}"}}', []],
  ['{"x": ["a", "a", {"a": 1}, {"a": 2}]}', []],
  ['{"args": {"cni": {"x": {"a": 1, "a": 1}}}}', ["a"]],
  ['{"a": 1, "a": 2, "x": {"a": 1}}', []],
  ['[{"x": {"a": 1, "c": [1, {"d": 2}], "a": 1}}]', ["a"]],
])("duplicateKeys() finds in %s the keys %j", ([text, keys]) => {
  expect(duplicateKeys(text, "x")).toEqual(keys);
});
