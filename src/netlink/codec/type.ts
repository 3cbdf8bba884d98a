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
  write(value: T, siblings: Siblings): Uint8Array;
  /** Names of the attributes that a byte offset lies in, from the outermost inwards; for types made of attributes. */
  locate?(payload: Uint8Array, offset: number, siblings: Siblings): string[];
}

export type ValueOf<P> = P extends PayloadType<infer T> ? T : never;

type IntegerKind = "Uint8" | "Uint16" | "Uint32" | "Int32";

const SIZES: Readonly<Record<IntegerKind, number>> = { Uint8: 1, Uint16: 2, Uint32: 4, Int32: 4 };

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function integer(kind: IntegerKind, littleEndian: boolean): PayloadType<number> {
  const size = SIZES[kind];
  return {
    size,
    read: (payload) => viewOf(payload)[`get${kind}`](0, littleEndian),
    write: (value) => {
      const bytes = new Uint8Array(size);
      viewOf(bytes)[`set${kind}`](0, value, littleEndian);
      return bytes;
    },
  };
}

// Host order is little-endian on both architectures that we build for.
export const u8 = integer("Uint8", true);
export const u16 = integer("Uint16", true);
export const u32 = integer("Uint32", true);
export const i32 = integer("Int32", true);
export const be16 = integer("Uint16", false);
export const be32 = integer("Uint32", false);

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

/** A hardware address of six bytes as canonical text; other lengths (tunnels) are kept as hex pairs too. */
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
