/** Fixed C structures, alone and as the header in front of attributes. */

import { DecodeError, within } from "./error.ts";
import { concatenate, type PayloadType, readPayload, type ValueOf } from "./type.ts";

type Fields = Readonly<Record<string, PayloadType<number> & { readonly size?: number }>>;
type FieldValues<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> };

export interface StructType<F extends Fields> extends PayloadType<FieldValues<F>> {
  readonly size: number;
}

/** A structure of fixed-size fields in order, padding named as in the header file; a field left out is written as 0. */
export function struct<F extends Fields>(fields: F): StructType<F> {
  const entries = Object.entries(fields).map(([name, type]) => ({ name, type, size: type.size ?? 0 }));
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  return {
    size,
    read: (payload) => {
      if (payload.length < size) throw new DecodeError(`${payload.length} bytes, want ${size}`);
      const values: Record<string, number> = {};
      let offset = 0;
      for (const entry of entries) {
        values[entry.name] = entry.type.read(payload.subarray(offset, offset + entry.size), {});
        offset += entry.size;
      }
      return values as FieldValues<F>; // `as`: names and types are those of `fields`
    },
    write: (value) => concatenate(entries.map(({ name, type }) => type.write(value[name] ?? 0, {}))),
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
      const fields = within("header", () => readPayload(header, payload.subarray(0, header.size)));
      return { ...fields, ...attributes.read(payload.subarray(header.size), {}) };
    },
    write: (value) => concatenate([header.write(value, {}), attributes.write(value, {})]),
    locate: (payload, offset) => {
      const inside = offset - header.size;
      return inside < 0 ? [] : (attributes.locate?.(payload.subarray(header.size), inside, {}) ?? []);
    },
  };
}
