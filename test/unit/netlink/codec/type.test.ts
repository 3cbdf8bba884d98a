/** Payload types: text, addresses, structures, and what is too short. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { attributes } from "../../../../src/netlink/codec/attributes.ts";
import { i32, u8, u16 } from "../../../../src/netlink/codec/integer.ts";
import { headed, struct } from "../../../../src/netlink/codec/struct.ts";
import { address, cString, mac, readPayload } from "../../../../src/netlink/codec/type.ts";

test("cString undoes itself when given text without NUL", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(readPayload(cString, cString.write(text, {}))).toBe(text);
    }),
  );
});

test.for([
  ["616263", "abc"],
  ["61626300", "abc"],
  ["61006300", "a"],
  ["", ""],
  ["00", ""],
  ["efbbbf61", "\ufeffa"],
] as const)("cString ends at the first NUL or the end when it reads %s", ([hex, text]) => {
  expect(readPayload(cString, Uint8Array.fromHex(hex))).toBe(text);
});

test.for([
  ["", ""],
  ["02000000000a", "02:00:00:00:00:0a"],
  ["0a010005", "0a:01:00:05"],
] as const)("mac keeps every byte when the address is %j", ([hex, text]) => {
  expect(readPayload(mac, Uint8Array.fromHex(hex))).toBe(text);
  expect(mac.write(text, {}).toHex()).toBe(hex);
});

test.for([0, 3, 5, 8, 17])("address throws a DecodeError when it has %i bytes", (length) => {
  expect(() => readPayload(address, new Uint8Array(length))).toThrow(`${length} bytes, want 4 or 16`);
});

const point = struct({ x: u8, y: u16, z: i32 });

test("struct() puts its fields one after the other when it writes", () => {
  expect([point.size, point.write({ x: 1, y: 2, z: -1 }, {}).toHex()]).toEqual([7, "010200ffffffff"]);
});

test("struct() writes zero when a field is left out", () => {
  expect(point.write({ y: 1 }, {}).toHex()).toBe("00010000000000");
});

test("struct() throws a DecodeError when there are too few bytes", () => {
  expect(() => readPayload(point, new Uint8Array(6))).toThrow(
    expect.objectContaining({ name: "DecodeError", message: "6 bytes, want 7" }),
  );
});

test("headed() throws a DecodeError when the header is cut", () => {
  const message = headed(point, attributes({ X_ONE: [1, u8] }));
  expect(() => readPayload(message, new Uint8Array(6))).toThrow(
    expect.objectContaining({ name: "DecodeError", message: "6 bytes, want at least 7" }),
  );
});

test.for([
  [0, []],
  [7, ["X_ONE"]],
] as const)("headed().locate() names attributes alone when the offset is %i", ([offset, path]) => {
  const message = headed(point, attributes({ X_ONE: [1, u8] }));
  const bytes = message.write({ x: 1, X_ONE: 1 }, {});
  expect(message.locate?.(bytes, offset, {})).toEqual(path);
});
