/** Payload types: how one attribute or field reads from and writes to bytes. */

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
  /** Reads what begins at `start` into an object that has other values already; for types made of attributes. */
  readInto?(values: Record<string, unknown>, payload: Uint8Array, start: number): unknown;
  /** Names of the attributes that a byte offset lies in, from the outermost inwards; for types made of attributes. */
  locate?(payload: Uint8Array, offset: number, siblings: Siblings): string[];
}

export type ValueOf<P> = P extends PayloadType<infer T> ? T : never;

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
