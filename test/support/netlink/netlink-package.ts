/** Holds our messages against those of the npm package netlink: what either writes, the other reads. */

import fc from "fast-check";
import { AttrStream } from "netlink/dist/structs.js";
import { expect } from "vitest";
import { type PayloadType, readPayload } from "../../../src/netlink/codec/type.ts";

export const u8 = fc.integer({ min: 0, max: 0xff });
export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const index = fc.integer({ min: 0, max: 0x7fff_ffff });
export const text = fc.string({ unit: "grapheme-ascii", maxLength: 30 });

/** The bytes of a four-byte number in host order, which netlink leaves unread in places. */
export function bytesOf(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

function format<T>(write: (value: T, out: AttrStream) => void, value: T): Uint8Array {
  const out = new AttrStream();
  write(value, out);
  return Buffer.concat(out.bufs);
}

/** Holds that ours and theirs are the same message: what either writes, the other reads. */
export function expectSame<O, T>(
  ours: { readonly type: PayloadType<O>; readonly value: O },
  codec: { parse(bytes: Buffer): T; write(value: T, out: AttrStream): void; readonly value: T },
): void {
  expect(codec.parse(Buffer.from(ours.type.write(ours.value, {})))).toMatchObject(codec.value as object);
  expect(readPayload(ours.type, format(codec.write, codec.value))).toMatchObject(ours.value as object);
}
