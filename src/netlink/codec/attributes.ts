/** Attribute tables: one row per UAPI constant drives encoding, decoding, types and printing. */

import { DecodeError, within } from "./error.ts";
import { concatenate, type PayloadType, readPayload, type Siblings, type ValueOf, viewOf } from "./type.ts";

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
const TYPE_MASK = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER, linux/netlink.h

/** Length rounded up to the alignment of attributes and messages (NLA_ALIGN, NLMSG_ALIGN). */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/**
 * The payload type of a run of attributes described by `table`.
 *
 * Keys are UAPI constants; unknown attributes are kept under `unknown`; a repeated one is read as its last.
 */
export function attributes<T extends Table>(table: T): PayloadType<TableValues<T>> {
  let index: ReadonlyMap<number, string> | undefined; // made at the first reading: many tables are never read
  const names = () => (index ??= new Map(Object.entries(table).map(([name, [id]]) => [id, name])));
  return {
    read: (payload) => readAttributes(payload, table, names()) as TableValues<T>, // `as`: keys and types are the table's
    write: (values) => writeAttributes(values, table),
    locate: (payload, offset) => locateAttribute(payload, offset, table, names()),
  };
}

function readAttributes(payload: Uint8Array, table: Table, names: ReadonlyMap<number, string>): Siblings {
  const values: Record<string, unknown> = {};
  const unknown: UnknownAttribute[] = [];
  for (const { id, type, body } of splitAttributes(payload)) {
    const name = names.get(id);
    const row = name === undefined ? undefined : table[name];
    if (name === undefined || row === undefined) {
      unknown.push({ id: type, payload: body.slice() });
      continue;
    }
    values[name] = within(name, () => readPayload(row[1], body, values));
  }
  if (unknown.length > 0) values.unknown = unknown;
  return values;
}

/** Names of the attribute at a byte offset and of those around it, from the outermost inwards. */
function locateAttribute(
  payload: Uint8Array,
  offset: number,
  table: Table,
  names: ReadonlyMap<number, string>,
): string[] {
  const values: Record<string, unknown> = {};
  for (const { id, body, start } of splitAttributes(payload)) {
    const name = names.get(id) ?? `attribute ${id}`;
    const type = table[name]?.[1];
    const inside = offset - start - HEADER;
    if (inside < 0) return [name];
    if (inside < body.length) return [name, ...(type?.locate?.(body, inside, values) ?? [])];
    if (type !== undefined) values[name] = readPayload(type, body, values);
  }
  return [];
}

interface RawAttribute {
  readonly id: number;
  /** The id with its flag bits. */
  readonly type: number;
  readonly body: Uint8Array;
  /** Offset of its header in the payload. */
  readonly start: number;
}

function splitAttributes(payload: Uint8Array): RawAttribute[] {
  const view = viewOf(payload);
  const list: RawAttribute[] = [];
  for (let start = 0; start < payload.length; ) {
    const left = payload.length - start;
    if (left < HEADER) throw new DecodeError(`${left} bytes after the last attribute`);
    const length = view.getUint16(start, true);
    const type = view.getUint16(start + 2, true);
    const id = type & TYPE_MASK;
    if (length < HEADER || length > left) {
      throw new DecodeError(`attribute ${id} has length ${length}, ${left} bytes are left`);
    }
    list.push({ id, type, body: payload.subarray(start + HEADER, start + length), start });
    start += align(length);
  }
  return list;
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

function writeAttribute(id: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align(HEADER + payload.length));
  const view = viewOf(bytes);
  view.setUint16(0, HEADER + payload.length, true);
  view.setUint16(2, id, true);
  bytes.set(payload, HEADER);
  return bytes;
}
