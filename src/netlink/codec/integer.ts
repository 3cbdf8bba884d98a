/** Whole numbers in payloads. Byte order is in the name. */

import type { PayloadType } from "./type.ts";

/** A number of fixed width; it can also be written in the middle of other bytes. */
export interface IntegerType extends PayloadType<number> {
  readonly size: number;
  readAt(bytes: Uint8Array, offset: number): number;
  writeAt(bytes: Uint8Array, offset: number, value: number): void;
}

/** Unsigned numbers of one width and order. */
type Access = Pick<IntegerType, "size" | "readAt" | "writeAt">;

// Each byte is written out: a plugin call reads a thousand numbers, and a loop over their bytes takes four times as many
// steps, a DataView for each more time than the kernel.

const BYTE: Access = {
  size: 1,
  readAt: (bytes, at) => bytes[at] ?? 0,
  writeAt: (bytes, at, value) => {
    bytes[at] = value;
  },
};

const LITTLE_16: Access = {
  size: 2,
  readAt: (bytes, at) => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8),
  writeAt: (bytes, at, value) => {
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
  },
};

const LITTLE_32: Access = {
  size: 4,
  readAt: (bytes, at) =>
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0,
  writeAt: (bytes, at, value) => {
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  },
};

const BIG_16: Access = {
  size: 2,
  readAt: (bytes, at) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0),
  writeAt: (bytes, at, value) => {
    bytes[at] = value >>> 8;
    bytes[at + 1] = value;
  },
};

const BIG_32: Access = {
  size: 4,
  readAt: (bytes, at) => ((BIG_16.readAt(bytes, at) << 16) | BIG_16.readAt(bytes, at + 2)) >>> 0,
  writeAt: (bytes, at, value) => {
    BIG_16.writeAt(bytes, at, value >>> 16);
    BIG_16.writeAt(bytes, at + 2, value);
  },
};

function unsigned({ size, readAt, writeAt }: Access): IntegerType {
  return {
    size,
    readAt,
    writeAt,
    read: (payload) => readAt(payload, 0),
    write: (value) => {
      const bytes = new Uint8Array(size);
      writeAt(bytes, 0, value);
      return bytes;
    },
  };
}

function signed(access: Access): IntegerType {
  const unused = 32 - 8 * access.size; // bits of a number in front of the sign
  return unsigned({ ...access, readAt: (bytes, at) => (access.readAt(bytes, at) << unused) >> unused });
}

// Host order is little-endian on both architectures that we build for.
export const u8 = unsigned(BYTE);
export const u16 = unsigned(LITTLE_16);
export const u32 = unsigned(LITTLE_32);
export const i16 = signed(LITTLE_16);
export const i32 = signed(LITTLE_32);
export const be16 = unsigned(BIG_16);
export const be32 = unsigned(BIG_32);
export const bei32 = signed(BIG_32);

/** Eight bytes that hold a whole number below 2^53, made of two halves. */
function long(half: IntegerType, order: "little" | "big"): PayloadType<number> {
  const [highAt, lowAt] = order === "big" ? [0, 4] : [4, 0];
  return {
    size: 8,
    read: (payload) => half.readAt(payload, highAt) * 2 ** 32 + half.readAt(payload, lowAt),
    write: (value) => {
      const bytes = new Uint8Array(8);
      half.writeAt(bytes, highAt, Math.floor(value / 2 ** 32));
      half.writeAt(bytes, lowAt, value % 2 ** 32);
      return bytes;
    },
  };
}

export const u64 = long(u32, "little");
export const be64 = long(be32, "big");
