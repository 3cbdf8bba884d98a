/** Whole numbers: byte order is in the name. */

import { expect, test } from "vitest";
import {
  be16,
  be32,
  be64,
  bei32,
  i16,
  i32,
  u8,
  u16,
  u32,
  u64,
} from "../../../../src/netlink/codec/integer.ts";
import { readPayload } from "../../../../src/netlink/codec/type.ts";

test.for([
  ["u8", u8, 0xfe, "fe"],
  ["u16", u16, 0x0102, "0201"],
  ["u32", u32, 0xfffefdfc, "fcfdfeff"],
  ["i16", i16, -4, "fcff"],
  ["i16", i16, 0x7fff, "ff7f"],
  ["i32", i32, -2, "feffffff"],
  ["be16", be16, 0x0102, "0102"],
  ["be32", be32, 0xfffefdfc, "fffefdfc"],
  ["bei32", bei32, -300, "fffffed4"],
  ["u64", u64, 0x01020304050607, "0706050403020100"],
  ["be64", be64, 0x01020304050607, "0001020304050607"],
  ["u64", u64, 5_000_000_000, "00f2052a01000000"],
] as const)("%s reads and writes its own byte order when given a number", ([, type, value, hex]) => {
  expect(type.write(value, {}).toHex()).toBe(hex);
  expect(readPayload(type, Uint8Array.fromHex(hex))).toBe(value);
});

test.for([
  ["u8", u8, "fe"],
  ["u16", u16, "0201"],
  ["u32", u32, "fcfdfeff"],
  ["be16", be16, "0102"],
  ["be32", be32, "fffefdfc"],
  ["bei32", bei32, "fffffed4"],
] as const)("%s stays in its own bytes when it is in the middle of others", ([, type, hex]) => {
  const bytes = Uint8Array.fromHex(`aa${hex}bb`);
  const value = type.readAt(bytes, 1);
  expect(value).toBe(readPayload(type, Uint8Array.fromHex(hex)));
  const written = new Uint8Array(bytes.length).fill(0xaa);
  type.writeAt(written, 1, value);
  expect(written.toHex()).toBe(`aa${hex}aa`);
});
