/** Values in a room that is larger than they are. */

import { expect, test } from "vitest";
import { DecodeError } from "../../../../src/netlink/codec/error.ts";
import { field } from "../../../../src/netlink/codec/field.ts";
import { mac } from "../../../../src/netlink/codec/type.ts";

const room = field("mac", mac, { used: 6, size: 8 });

test("field() writes the value and zeros behind it when the room is larger", () => {
  expect(room.write({ mac: "02:00:00:00:00:05" }, {}).toHex()).toBe("0200000000050000");
});

test("field() writes zeros when the value is left out", () => {
  expect(room.write({}, {}).toHex()).toBe("0000000000000000");
});

test("field() passes over what is behind the value when it reads", () => {
  expect(room.read(Uint8Array.fromHex("020000000005ffff"), {})).toEqual({ mac: "02:00:00:00:00:05" });
});

test("field() gives a DecodeError when the room is cut off", () => {
  expect(() => room.read(Uint8Array.fromHex("02000000000500"), {})).toThrow(DecodeError);
});
