/** Fixed C structures, alone and as the header in front of attributes. */

import { DecodeError } from "./error.ts";
import type { IntegerType } from "./integer.ts";
import { concatenate, type PayloadType, type ValueOf } from "./type.ts";

type Fields = Readonly<Record<string, IntegerType>>;
type FieldValues<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> };

export interface StructType<F extends Fields> extends PayloadType<FieldValues<F>> {
  readonly size: number;
}

/** A structure of fixed-size fields in order, padding named as in the header file; a field left out is written as 0. */
export function struct<F extends Fields>(fields: F): StructType<F> {
  const entries = Object.entries(fields);
  let size = 0;
  for (const [, type] of entries) size += type.size;
  return {
    size,
    read: (payload) => {
      if (payload.length < size) throw new DecodeError(`${payload.length} bytes, want ${size}`);
      const values: Record<string, number> = {};
      let offset = 0;
      for (const [name, type] of entries) {
        values[name] = type.readAt(payload, offset);
        offset += type.size;
      }
      return values as FieldValues<F>; // `as`: names and types are those of `fields`
    },
    write: (value) => {
      const bytes = new Uint8Array(size);
      let offset = 0;
      for (const [name, type] of entries) {
        type.writeAt(bytes, offset, value[name] ?? 0);
        offset += type.size;
      }
      return bytes;
    },
  };
}

/** A fixed header followed by attributes, as one flat object: field names and attribute names never collide. */
export function headed<H, A>(
  header: PayloadType<H> & { readonly size: number },
  attributes: PayloadType<A>,
): PayloadType<H & A> {
  return {
    read: (payload) => {
      if (payload.length < header.size)
        throw new DecodeError(`${payload.length} bytes, want at least ${header.size}`);
      return { ...header.read(payload, {}), ...attributes.read(payload.subarray(header.size), {}) };
    },
    write: (value) => concatenate([header.write(value, {}), attributes.write(value, {})]),
    locate: (payload, offset) => {
      const inside = offset - header.size;
      return inside < 0 ? [] : (attributes.locate?.(payload.subarray(header.size), inside, {}) ?? []);
    },
  };
}
