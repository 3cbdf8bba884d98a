/** Payloads that depend on a sibling: known kinds, unknown ones, and kinds with treacherous names. */

import { expect, test } from "vitest";
import { attributes } from "../../../../src/netlink/codec/attributes.ts";
import { byKind } from "../../../../src/netlink/codec/by-kind.ts";
import { u8 } from "../../../../src/netlink/codec/integer.ts";
import { cString, readPayload } from "../../../../src/netlink/codec/type.ts";

const data = byKind("X_KIND", { apple: attributes({ X_SEEDS: [1, u8] }) });
const table = attributes({ X_KIND: [1, cString], X_DATA: [2, data] });

function kindThenData(kind: string, payload: string): Uint8Array {
  const head = attributes({ X_KIND: [1, cString] }).write({ X_KIND: kind }, {});
  const body = Uint8Array.fromHex(payload);
  return Uint8Array.from([...head, 4 + body.length, 0, 2, 0, ...body, ...new Uint8Array(-body.length & 3)]);
}

test("byKind() reads the kind's own attributes when a table knows it", () => {
  const bytes = kindThenData("apple", "0500010007000000");
  expect(readPayload(table, bytes)).toEqual({ X_KIND: "apple", X_DATA: { X_SEEDS: 7 } });
});

test.for(["pear", "", "constructor", "toString", "__proto__", "undefined"])(
  "byKind() keeps the bytes when no table knows the kind %j",
  (kind) => {
    const bytes = kindThenData(kind, "0102030405");
    const value = readPayload(table, bytes);
    expect(value.X_DATA?.raw?.toHex()).toBe("0102030405");
    expect(table.write(value, {}).toHex()).toBe(bytes.toHex());
  },
);

test("byKind() keeps the bytes when the kind is missing", () => {
  const bytes = Uint8Array.fromHex("0500020007000000");
  expect(readPayload(table, bytes)).toEqual({ X_DATA: { raw: Uint8Array.of(7) } });
});

test("byKind() puts kind and attribute into the path when a payload of the kind is wrong", () => {
  expect(() => readPayload(table, kindThenData("apple", "0600010007000000"))).toThrow(
    expect.objectContaining({ name: "DecodeError", message: "X_DATA/X_SEEDS: 2 bytes, want 1" }),
  );
});

test("byKind().locate() looks inside when the kind is known", () => {
  const bytes = kindThenData("apple", "0500010007000000");
  expect(table.locate?.(bytes, bytes.length - 8, {})).toEqual(["X_DATA", "X_SEEDS"]);
});
