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
  let cached: RowsById | undefined; // made at the first reading: many tables are never read
  const rows = () =>
    (cached ??= new Map(Object.entries(table).map(([name, [id, type]]) => [id, { name, type }])));
  return {
    read: (payload) => {
      const read = unknown === "kept" ? readAttributes(payload, rows()) : readKnown(payload, rows());
      return read as TableValues<T>; // `as`: keys and types are the table's
    },
    write: (values) => writeAttributes(values, table),
    locate: (payload, offset) => locateAttribute(payload, offset, rows()),
  };
}

interface NamedRow {
  readonly name: string;
  readonly type: Row[1];
}

type RowsById = ReadonlyMap<number, NamedRow>;

function readAttributes(payload: Uint8Array, rows: RowsById): Siblings {
  const values: Record<string, unknown> = {};
  const unknown: UnknownAttribute[] = [];
  for (const attribute of splitAttributes(payload)) {
    const row = rows.get(attribute.type & TYPE_MASK);
    if (row === undefined) {
      unknown.push({ id: attribute.type, payload: payload.slice(attribute.start, attribute.end) });
    } else {
      values[row.name] = readRow(row, payload, attribute, values);
    }
  }
  if (unknown.length > 0) values.unknown = unknown;
  return values;
}

/** Like `readAttributes`, without a look at what no row names: most of what the kernel tells of a link. */
function readKnown(payload: Uint8Array, rows: RowsById): Siblings {
  const values: Record<string, unknown> = {};
  for (let at = 0; at < payload.length; ) {
    const { id, length } = readHeader(payload, at);
    const row = rows.get(id);
    if (row !== undefined) {
      values[row.name] = readRow(row, payload, { start: at + HEADER, end: at + length }, values);
    }
    at += align(length);
  }
  return values;
}

/** Reads one attribute, without a copy where its type can. */
function readRow({ name, type }: NamedRow, payload: Uint8Array, { start, end }: Range, values: Siblings) {
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
  for (const attribute of splitAttributes(payload)) {
    const id = attribute.type & TYPE_MASK;
    const { name, type } = rows.get(id) ?? { name: `attribute ${id}`, type: undefined };
    if (offset < attribute.start) return [name];
    const body = payload.subarray(attribute.start, attribute.end);
    if (offset < attribute.end)
      return [name, ...(type?.locate?.(body, offset - attribute.start, values) ?? [])];
    if (type !== undefined) values[name] = readPayload(type, body, values);
  }
  return [];
}

/** Where a payload begins and ends. */
interface Range {
  readonly start: number;
  readonly end: number;
}

interface RawAttribute extends Range {
  /** The id with its flag bits. */
  readonly type: number;
}

function splitAttributes(payload: Uint8Array): RawAttribute[] {
  const list: RawAttribute[] = [];
  for (let at = 0; at < payload.length; ) {
    const { type, length } = readHeader(payload, at);
    list.push({ type, start: at + HEADER, end: at + length });
    at += align(length);
  }
  return list;
}

/** `struct nlattr`: its length includes the header; `id` is the type without its flag bits. */
export function readHeader(payload: Uint8Array, at: number): { type: number; id: number; length: number } {
  const left = payload.length - at;
  if (left < HEADER) throw new DecodeError(`${left} bytes after the last attribute`);
  const length = u16.readAt(payload, at);
  const type = u16.readAt(payload, at + 2);
  if (length < HEADER || length > left) {
    throw new DecodeError(`attribute ${type & TYPE_MASK} has length ${length}, ${left} bytes are left`);
  }
  return { type, id: type & TYPE_MASK, length };
}

function writeAttributes(values: Siblings, table: Table): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(values)) {
    const row = table[name];
    if (row === undefined || value === undefined) continue;
    const [id, type] = row;
    parts.push(writeAttribute(id, type.write(value, values)));
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
