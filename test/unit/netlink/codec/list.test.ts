/** Lists of attributes with one id. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { attributes } from "../../../../src/netlink/codec/attributes.ts";
import { DecodeError } from "../../../../src/netlink/codec/error.ts";
import { u32 } from "../../../../src/netlink/codec/integer.ts";
import { listOf, repeated } from "../../../../src/netlink/codec/list.ts";
import { cString, readPayload } from "../../../../src/netlink/codec/type.ts";

const list = listOf(1, attributes({ NAME: [1, cString], SIZE: [2, u32] }));

test("listOf() writes one attribute an item", () => {
  expect(listOf(7, u32).write([1, 2], {}).toHex()).toBe("08000700010000000800070002000000");
});

test("listOf() reads what it writes when given any items", () => {
  const item = fc.record({ NAME: fc.string({ unit: "grapheme" }), SIZE: fc.nat() }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(item), (items) => {
      expect(readPayload(list, list.write(items, {}))).toEqual(items);
    }),
  );
});

test("listOf() passes over attributes with another id", () => {
  const bytes = Uint8Array.fromHex("08000200090000000800010003000000");
  expect(readPayload(listOf(1, u32), bytes)).toEqual([3]);
});

test("listOf() reads items whose flag bits are set", () => {
  expect(readPayload(listOf(1, u32), Uint8Array.fromHex("0800018003000000"))).toEqual([3]);
});

test.for(["080001", "0900010003000000", "0300010003000000", "0700010003000000"])(
  "listOf() gives a DecodeError when it reads %s",
  (hex) => {
    expect(() => readPayload(listOf(1, u32), Uint8Array.fromHex(hex))).toThrow(DecodeError);
  },
);

test("repeated() writes each item as a nest", () => {
  expect(
    repeated("ITEM", 7, u32)
      .write({ ITEM: [1, 2] }, {})
      .toHex(),
  ).toBe("08000780010000000800078002000000");
});

test("repeated() reads every item when others stand between", () => {
  const bytes = Uint8Array.fromHex("080007800100000008000180090000000800070002000000");
  expect(readPayload(repeated("ITEM", 7, u32), bytes)).toEqual({ ITEM: [1, 2] });
});
