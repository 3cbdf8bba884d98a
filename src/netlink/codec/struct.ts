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
  const list: Field[] = [];
  let size = 0;
  for (const [name, type] of Object.entries(fields)) {
    list.push({ name, type, at: size });
    size += type.size;
  }
  return {
    size,
    read: (payload) => {
      if (payload.length < size) throw new DecodeError(`${payload.length} bytes, want ${size}`);
      const values: Record<string, number> = {};
      for (const { name, type, at } of list) values[name] = type.readAt(payload, at);
      return values as FieldValues<F>; // `as`: names and types are those of `fields`
    },
    write: (value) => {
      const bytes = new Uint8Array(size);
      for (const { name, type, at } of list) type.writeAt(bytes, at, value[name] ?? 0);
      return bytes;
    },
  };
}

interface Field {
  readonly name: string;
  readonly type: IntegerType;
  readonly at: number;
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
      const values = header.read(payload, {});
      if (attributes.readInto === undefined)
        return { ...values, ...attributes.read(payload.subarray(header.size), {}) };
      attributes.readInto(values as Record<string, unknown>, payload, header.size);
      return values as H & A; // `as`: the attributes have just been added
    },
    write: (value) => concatenate([header.write(value, {}), attributes.write(value, {})]),
    locate: (payload, offset) => {
      const inside = offset - header.size;
      return inside < 0 ? [] : (attributes.locate?.(payload.subarray(header.size), inside, {}) ?? []);
    },
  };
}
