/** Reading of JSON objects the way Go's encoding/json does it. */

import { expect, test } from "vitest";
import {
  booleanField,
  field,
  integerField,
  listField,
  objectField,
  stringField,
  stringListField,
  toFields,
} from "../../../src/json/fields.ts";
import { cniErrorOf } from "../../support/fixtures/request.ts";

function parse(text: string) {
  return toFields({ path: "", value: JSON.parse(text) });
}

test.for(["name", "NAME", "Name", "nAmE"])(
  "stringField() matches without regard to case when the key is %s",
  (key) => {
    expect(stringField(parse(`{"${key}":"x"}`), "name")).toBe("x");
  },
);

test("stringField() asks without regard to case when the code's own key has capitals", () => {
  expect(stringField(parse('{"cniversion":"1.0.0"}'), "cniVersion")).toBe("1.0.0");
});

test.for([
  ['{"name":"a","name":"b"}', "b"],
  ['{"name":"a","NAME":"b"}', "b"],
  ['{"NAME":"a","name":"b"}', "b"],
] as const)("stringField() gives the last duplicate when given %s", ([text, wanted]) => {
  expect(stringField(parse(text), "name")).toBe(wanted);
});

test("field() treats null as absent when a key has it", () => {
  expect(field(parse('{"a":null}'), "a")).toBeUndefined();
});

test.for(["constructor", "toString", "__proto__"])(
  "field() finds nothing when the object only inherits %s",
  (key) => {
    expect(field(parse("{}"), key)).toBeUndefined();
  },
);

const ABSENT = parse("{}");

test("readers of fields give their empty value when the field is absent", () => {
  expect([
    stringField(ABSENT, "a"),
    booleanField(ABSENT, "a"),
    integerField(ABSENT, "a", 0, 9),
    listField(ABSENT, "a"),
    objectField(ABSENT, "a").byKey.size,
  ]).toEqual([undefined, false, undefined, undefined, 0]);
});

const fields = parse('{"s":"x","b":true,"i":7,"f":1.5,"l":["a",2],"o":{"In":[[{"deep":"no"}]]}}');

const WRONG: [name: string, read: () => unknown, message: string][] = [
  ["a number for a string", () => stringField(fields, "i"), "i: got 7, want a string"],
  ["a string for a boolean", () => booleanField(fields, "s"), 's: got "x", want true or false'],
  [
    "a boolean for a number",
    () => integerField(fields, "b", 0, 9),
    "b: got true, want a whole number from 0 to 9",
  ],
  ["a fraction", () => integerField(fields, "f", 0, 9), "f: got 1.5, want a whole number from 0 to 9"],
  ["a number below", () => integerField(fields, "i", 8, 9), "i: got 7, want a whole number from 8 to 9"],
  ["a number above", () => integerField(fields, "i", 0, 6), "i: got 7, want a whole number from 0 to 6"],
  ["an object for a list", () => listField(fields, "o"), 'o: got {"In":[[{"deep":"no"}]]}, want a list'],
  ["a list for an object", () => objectField(fields, "l"), 'l: got ["a",2], want an object'],
  ["a wrong item", () => stringListField(fields, "l"), "l[1]: got 2, want a string"],
];

test.for(WRONG)("readers of fields give code 7 with the path when there is %s", ([, read, message]) => {
  expect(cniErrorOf(read)).toMatchObject({ code: 7, message });
});

test("toFields() names the whole path in the document's own spelling when a value deep inside is wrong", () => {
  const sets = listField(objectField(fields, "O"), "in") ?? [];
  const read = () => {
    for (const set of sets)
      for (const item of (set.value as unknown[]).entries()) {
        const [index, value] = item;
        integerField(toFields({ path: `${set.path}[${index}]`, value }), "DEEP", 0, 1);
      }
  };
  expect(cniErrorOf(read).message).toMatch(/^o\.In\[0\]\[0\]\.deep: got "no"/);
});

test.for(["[]", '"x"', "1", "true"])("toFields() gives code 7 when the document is %s", (text) => {
  expect(cniErrorOf(() => parse(text))).toMatchObject({
    code: 7,
    message: `configuration: got ${text}, want an object`,
  });
});

test("quoted values are cut when they are long", () => {
  const long = parse(JSON.stringify({ a: "x".repeat(10_000) }));
  expect(cniErrorOf(() => booleanField(long, "a")).message.length).toBeLessThan(200);
});
