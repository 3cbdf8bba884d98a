/** Attribute tables: one row per UAPI constant drives encoding, decoding, types and printing. */

import { DecodeError } from "./error.ts";
import { u16 } from "./integer.ts";
import { concatenate, type PayloadType, readPayload, type Siblings, type ValueOf } from "./type.ts";

/** An attribute that no table row names, kept as it came. */
export interface UnknownAttribute {
  /** With its flag bits. */
  readonly id: number;
  readonly payload: Uint8Array;
}

// biome-ignore lint/suspicious/noExplicitAny: a table mixes rows of every payload type
type Row = readonly [id: number, type: PayloadType<any>];
export type Table = Readonly<Record<string, Row>>;

export type TableValues<T extends Table> = { readonly [K in keyof T]?: ValueOf<T[K][1]> } & {
  readonly unknown?: readonly UnknownAttribute[];
};

const HEADER = 4;
/** A flag of attribute types: the payload is attributes. @see linux/netlink.h */
export const NLA_F_NESTED = 0x8000;
const TYPE_MASK = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER, linux/netlink.h

/** Length rounded up to the alignment of attributes and messages (NLA_ALIGN, NLMSG_ALIGN). */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/**
 * The payload type of a run of attributes described by `table`.
 *
 * Keys are UAPI constants; unknown attributes are kept under `unknown`, or passed over where the caller asks for it;
 * a repeated one is read as its last.
 */
export function attributes<T extends Table>(
  table: T,
  unknown: "kept" | "passed over" = "kept",
): PayloadType<TableValues<T>> {
  const rows: RowsById = new Map(Object.entries(table).map(([name, [id, type]]) => [id, { name, type }]));
  const keepsUnknown = unknown === "kept";
  const readInto = (values: Record<string, unknown>, payload: Uint8Array, start: number) =>
    readAttributes({ payload, start, rows, values, keepsUnknown });
  return {
    read: (payload) => readInto({}, payload, 0) as TableValues<T>, // `as`: keys and types are the table's
    readInto,
    write: (values) => writeAttributes(values, table),
    locate: (payload, offset) => locateAttribute(payload, offset, rows),
  };
}

interface NamedRow {
  readonly name: string;
  readonly type: Row[1];
}

type RowsById = ReadonlyMap<number, NamedRow>;

interface Reading {
  readonly payload: Uint8Array;
  readonly start: number;
  readonly rows: RowsById;
  /** Gets what is read. */
  readonly values: Record<string, unknown>;
  readonly keepsUnknown: boolean;
}

function readAttributes({ payload, start, rows, values, keepsUnknown }: Reading): Siblings {
  const unknown: UnknownAttribute[] = [];
  for (let at = start; at < payload.length; ) {
    const length = lengthAt(payload, at);
    const end = at + length;
    const row = rows.get(idAt(payload, at));
    if (row !== undefined) values[row.name] = readRow(row, payload, at + HEADER, end, values);
    else if (keepsUnknown)
      unknown.push({ id: u16.readAt(payload, at + 2), payload: payload.slice(at + HEADER, end) });
    at += align(length);
  }
  if (unknown.length > 0) values.unknown = unknown;
  return values;
}

/** Reads one attribute, without a copy where its type can. */
function readRow(
  { name, type }: NamedRow,
  payload: Uint8Array,
  start: number,
  end: number,
  values: Siblings,
) {
  try {
    if (type.readAt !== undefined && end - start === type.size) return type.readAt(payload, start);
    return readPayload(type, payload.subarray(start, end), values);
  } catch (error) {
    throw error instanceof DecodeError ? error.within(name) : error;
  }
}

/** Names of the attribute at a byte offset and of those around it, from the outermost inwards. */
function locateAttribute(payload: Uint8Array, offset: number, rows: RowsById): string[] {
  const values: Record<string, unknown> = {};
  for (let at = 0; at < payload.length; ) {
    const [length, id] = [lengthAt(payload, at), idAt(payload, at)];
    const { name, type } = rows.get(id) ?? { name: `attribute ${id}`, type: undefined };
    const start = at + HEADER;
    if (offset < start) return [name];
    const body = payload.subarray(start, at + length);
    if (offset < at + length) return [name, ...(type?.locate?.(body, offset - start, values) ?? [])];
    if (type !== undefined) values[name] = readPayload(type, body, values);
    at += align(length);
  }
  return [];
}

// The bytes of `struct nlattr` are read in place: a plugin call passes over a thousand attributes.

/** Length of the attribute that begins there, with its header. @throws {DecodeError} where it does not fit */
export function lengthAt(payload: Uint8Array, at: number): number {
  const left = payload.length - at;
  if (left < HEADER) throw new DecodeError(`${left} bytes after the last attribute`);
  const length = (payload[at] ?? 0) | ((payload[at + 1] ?? 0) << 8);
  if (length >= HEADER && length <= left) return length;
  throw new DecodeError(`attribute ${idAt(payload, at)} has length ${length}, ${left} bytes are left`);
}

/** Its type without the flag bits. */
export function idAt(payload: Uint8Array, at: number): number {
  return ((payload[at + 2] ?? 0) | ((payload[at + 3] ?? 0) << 8)) & TYPE_MASK;
}

function writeAttributes(values: Siblings, table: Table): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const name of Object.keys(values)) {
    const row = table[name];
    const value = values[name];
    if (row !== undefined && value !== undefined)
      parts.push(writeAttribute(row[0], row[1].write(value, values)));
  }
  const unknown = (values.unknown ?? []) as readonly UnknownAttribute[]; // `as`: TableValues gives `unknown` this type
  for (const { id, payload } of unknown) parts.push(writeAttribute(id, payload));
  return concatenate(parts);
}

export function writeAttribute(id: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align(HEADER + payload.length));
  u16.writeAt(bytes, 0, HEADER + payload.length);
  u16.writeAt(bytes, 2, id);
  bytes.set(payload, HEADER);
  return bytes;
}
