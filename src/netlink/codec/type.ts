/** Payload types: how one attribute or field reads from and writes to bytes. Byte order is in the name. */

import { type Address, addressFromBytes, addressToBytes } from "../../addr/address.ts";
import { macFromBytes, macToBytes } from "../../addr/mac.ts";
import { DecodeError } from "./error.ts";

/** Attributes of the same message, decoded or to be encoded: what kind-dependent payloads look at. */
export type Siblings = Readonly<Record<string, unknown>>;

export interface PayloadType<T> {
  /** Exact length in bytes where there is one; checked before `read`. */
  readonly size?: number;
  read(payload: Uint8Array, siblings: Siblings): T;
  /** Reads in the middle of other bytes, without a copy; for types of a fixed size. */
  readAt?(bytes: Uint8Array, offset: number): T;
  write(value: T, siblings: Siblings): Uint8Array;
  /** Names of the attributes that a byte offset lies in, from the outermost inwards; for types made of attributes. */
  locate?(payload: Uint8Array, offset: number, siblings: Siblings): string[];
}

export type ValueOf<P> = P extends PayloadType<infer T> ? T : never;

/** A number of fixed width; it can also be written in the middle of other bytes. */
export interface IntegerType extends PayloadType<number> {
  readonly size: number;
  readAt(bytes: Uint8Array, offset: number): number;
  writeAt(bytes: Uint8Array, offset: number, value: number): void;
}

interface IntegerForm {
  readonly size: 1 | 2 | 4;
  readonly order: "little" | "big";
  readonly isSigned?: boolean;
}

/** By plain arithmetic: a plugin call reads hundreds of these, and a DataView for each would cost more than the kernel. */
function integer({ size, order, isSigned = false }: IntegerForm): IntegerType {
  // From the most significant byte to the least.
  const [first, step] = order === "big" ? [0, 1] : [size - 1, -1];
  const unused = 32 - 8 * size; // bits of a number in front of the sign
  const readAt = (bytes: Uint8Array, offset: number) => {
    let value = 0;
    for (let i = 0, at = offset + first; i < size; i++, at += step) value = value * 256 + (bytes[at] ?? 0);
    return isSigned ? (value << unused) >> unused : value;
  };
  const writeAt = (bytes: Uint8Array, offset: number, value: number) => {
    for (let shift = 8 * (size - 1), at = offset + first; shift >= 0; shift -= 8, at += step) {
      bytes[at] = (value >>> shift) & 0xff;
    }
  };
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

// Host order is little-endian on both architectures that we build for.
export const u8 = integer({ size: 1, order: "little" });
export const u16 = integer({ size: 2, order: "little" });
export const u32 = integer({ size: 4, order: "little" });
export const i16 = integer({ size: 2, order: "little", isSigned: true });
export const i32 = integer({ size: 4, order: "little", isSigned: true });
export const be16 = integer({ size: 2, order: "big" });
export const be32 = integer({ size: 4, order: "big" });
export const bei32 = integer({ size: 4, order: "big", isSigned: true });

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

/** Bytes as they are. */
export const raw: PayloadType<Uint8Array> = { read: (payload) => payload.slice(), write: (value) => value };

/** Presence is the value: a payload of length 0. */
export const flag: PayloadType<true> = { size: 0, read: () => true, write: () => new Uint8Array(0) };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** UTF-8 text; a closing NUL is written, and read as the end. */
export const cString: PayloadType<string> = {
  read: (payload) => {
    const end = payload.indexOf(0);
    return decoder.decode(end < 0 ? payload : payload.subarray(0, end));
  },
  write: (value) => encoder.encode(`${value}\0`),
};

/** A MAC address of six bytes as canonical text; other lengths (tunnels) are kept as hex pairs too. */
export const mac: PayloadType<string> = { read: macFromBytes, write: macToBytes };

/** An IPv4 or IPv6 address, told apart by its length. */
export const address: PayloadType<Address> = {
  read: (payload) => {
    const value = addressFromBytes(payload);
    if (value === undefined) throw new DecodeError(`${payload.length} bytes, want 4 or 16`);
    return value;
  },
  write: addressToBytes,
};

/** Reads a payload after checking its length against the type's. */
export function readPayload<T>(type: PayloadType<T>, payload: Uint8Array, siblings: Siblings = {}): T {
  if (type.size !== undefined && payload.length !== type.size) {
    throw new DecodeError(`${payload.length} bytes, want ${type.size}`);
  }
  return type.read(payload, siblings);
}

/** One array of all parts, in order. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
