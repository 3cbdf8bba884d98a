/** Attribute tables: lengths, padding, nesting, unknown attributes, error paths and positions. */

import { expect, test } from "vitest";
import { align, attributes } from "../../../../src/netlink/codec/attributes.ts";
import { DecodeError } from "../../../../src/netlink/codec/error.ts";
import { u8, u16, u32 } from "../../../../src/netlink/codec/integer.ts";
import { cString, flag, raw, readPayload } from "../../../../src/netlink/codec/type.ts";

const inner = attributes({ X_ONE: [1, u8], X_TWO: [2, u16] });
const table = attributes({
  X_NUMBER: [1, u32],
  X_TEXT: [2, cString],
  X_NEST: [3, inner],
  X_FLAG: [4, flag],
  X_RAW: [5, raw],
});

function bytes(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replace(/\s/g, ""));
}

function read(hex: string) {
  return readPayload(table, bytes(hex));
}

const BOTH_WAYS: [name: string, value: Parameters<typeof table.write>[0], hex: string][] = [
  ["nothing", {}, ""],
  ["a number", { X_NUMBER: 0x01020304 }, "08000100 04030201"],
  ["text that needs three bytes of padding", { X_TEXT: "" }, "05000200 00000000"],
  ["text that needs two bytes of padding", { X_TEXT: "a" }, "06000200 61000000"],
  ["text that needs one byte of padding", { X_TEXT: "ab" }, "07000200 61620000"],
  ["text that needs no padding", { X_TEXT: "abc" }, "08000200 61626300"],
  ["a flag", { X_FLAG: true }, "04000400"],
  [
    "a nest with padding inside",
    { X_NEST: { X_ONE: 9, X_TWO: 0x0102 } },
    "14000300 05000100 09000000 06000200 02010000",
  ],
  ["an empty nest", { X_NEST: {} }, "04000300"],
  [
    "an unknown attribute",
    { unknown: [{ id: 77, payload: bytes("0102030405") }] },
    "09004d00 01020304 05000000",
  ],
];

test.for(BOTH_WAYS)("attributes() reads what it writes when given %s", ([, value, hex]) => {
  expect(table.write(value, {}).toHex()).toBe(hex.replace(/\s/g, ""));
  expect(read(hex)).toEqual(value);
});

test("attributes() reads the last attribute when its padding is missing", () => {
  expect(read("06000200 6100")).toEqual({ X_TEXT: "a" });
});

test("attributes() reads the last one when an attribute is repeated", () => {
  expect(read("08000100 01000000 08000100 02000000")).toEqual({ X_NUMBER: 2 });
});

test("attributes() knows an attribute when its flag bits are set", () => {
  expect(read("0c000380 05000100 09000000")).toEqual({ X_NEST: { X_ONE: 9 } });
});

test("attributes() keeps the flag bits of an attribute when it does not know it", () => {
  const hex = "08004d80 04000100";
  expect(table.write(read(hex), {}).toHex()).toBe(hex.replace(/\s/g, ""));
});

test("attributes() leaves out what is undefined when it writes", () => {
  expect(table.write({ X_NUMBER: undefined } as object, {}).length).toBe(0);
});

test("attributes() gives payloads of their own when the received buffer is reused", () => {
  const buffer = bytes("08000500 01020304 08004d00 01020304");
  const value = readPayload(table, buffer);
  buffer.fill(0);
  expect([value.X_RAW?.toHex(), value.unknown?.[0]?.payload.toHex()]).toEqual(["01020304", "01020304"]);
});

const BAD: [name: string, hex: string, message: string][] = [
  ["a payload that is too short", "06000100 01020000", "X_NUMBER: 2 bytes, want 4"],
  ["a payload that is too long", "0c000100 01020304 05060708", "X_NUMBER: 8 bytes, want 4"],
  ["a flag with a payload", "05000400 01000000", "X_FLAG: 1 bytes, want 0"],
  ["a short payload in a nest", "09000300 05000200 09", "X_NEST/X_TWO: 1 bytes, want 2"],
  ["a length below the header's", "03000100", "attribute 1 has length 3, 4 bytes are left"],
  ["a length of zero", "00000100 00000000", "attribute 1 has length 0, 8 bytes are left"],
  ["a length beyond the end", "09000100 01020304", "attribute 1 has length 9, 8 bytes are left"],
  [
    "a length beyond the end of a nest",
    "0c000300 09000200 61620000",
    "X_NEST: attribute 2 has length 9, 8 bytes are left",
  ],
  ["a cut header", "08000100 01020304 0400", "2 bytes after the last attribute"],
];

test.for(BAD)("attributes() throws a DecodeError with the path when it reads %s", ([, hex, message]) => {
  expect(() => read(hex)).toThrow(expect.objectContaining({ name: "DecodeError", message }));
});

test("DecodeError.path names attributes from the outside in when nested", () => {
  try {
    read("09000300 05000200 09");
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ path: ["X_NEST", "X_TWO"], problem: "1 bytes, want 2" });
  }
});

const POSITIONS: [what: string, offset: number, path: string[]][] = [
  ["the first attribute's header", 0, ["X_NUMBER"]],
  ["the first attribute's payload", 4, ["X_NUMBER"]],
  ["a nest's own header", 8, ["X_NEST"]],
  ["the first attribute of a nest", 12, ["X_NEST", "X_ONE"]],
  ["the second attribute of a nest", 20, ["X_NEST", "X_TWO"]],
  ["an unknown attribute", 28, ["attribute 77"]],
  ["nothing any more", 40, []],
];

test.for(POSITIONS)(
  "attributes().locate() gives the path when the offset is that of %s",
  ([, offset, path]) => {
    const message = bytes("08000100 01020304 14000300 05000100 09000000 06000200 02010000 08004d00 01020304");
    expect(table.locate?.(message, offset, {})).toEqual(path);
  },
);

test.for([
  [0, 0],
  [1, 4],
  [4, 4],
  [5, 8],
  [65533, 65536],
] as const)("align() rounds up when given %i", ([length, wanted]) => {
  expect(align(length)).toBe(wanted);
});

const selective = attributes({ X_NUMBER: [1, u32], X_NEST: [3, inner] }, "passed over");

test("attributes() passes over what no row names when it is asked to", () => {
  const hex = "08000900 01020304 08000100 04030201 0500020061000000";
  expect(readPayload(selective, bytes(hex))).toEqual({ X_NUMBER: 0x01020304 });
});

test.for([
  ["06000100 01020000", "X_NUMBER"],
  ["0c000300 08000100 01020304", "X_NEST/X_ONE"],
])("attributes() names the path when it passes others over and reads %s", ([hex = "", path = ""]) => {
  expect(() => readPayload(selective, bytes(hex))).toThrow(new RegExp(`^${path}: `));
});

test.for(["030001", "02000100", "0c000100 01020304"])(
  "attributes() throws a DecodeError when it passes others over and a length does not fit in %s",
  (hex) => {
    expect(() => readPayload(selective, bytes(hex))).toThrow(DecodeError);
  },
);
