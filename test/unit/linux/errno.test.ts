/** Names of error numbers, held against the C library's header. */

import { expect, test } from "vitest";
import { errnoName } from "../../../src/linux/errno.ts";
import { evaluate, sourcesOf } from "../../support/netlink/uapi.ts";

const LAST = 133; // EHWPOISON, the last of asm-generic/errno.h
const NAMED = Array.from({ length: LAST }, (_, index) => index + 1)
  .map((number) => [errnoName(number), number] as const)
  .filter(([name]) => !name.startsWith("errno "));

test("errnoName() gives the header's name when it knows the number", () => {
  const values = evaluate(
    ["errno.h"],
    NAMED.map(([name]) => name),
  );
  expect(NAMED.length).toBeGreaterThan(40);
  expect(NAMED).toEqual(NAMED.map(([name]) => [name, values.get(name)]));
});

test("errnoName() can give every name when the code asks for it", () => {
  const known = new Set(NAMED.map(([name]) => name));
  const asked = [...sourcesOf("src")].flatMap(([path, text]) =>
    [...text.matchAll(/isErrno\(([^;]*?)\)/g)].flatMap(([, list = ""]) =>
      [...list.matchAll(/"(E[A-Z0-9]+)"/g)].map(([, name = ""]) => ({ path, name })),
    ),
  );
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter(({ name }) => !known.has(name))).toEqual([]);
});

test.for([0, 41, 999])("errnoName() gives the number when it has no name for %i", (number) => {
  expect(errnoName(number)).toBe(`errno ${number}`);
});
