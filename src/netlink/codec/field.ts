/** One value at the start of a room of fixed size, the rest of which is zero: `__u8 mac[32]` with six bytes used. */

import { DecodeError } from "./error.ts";
import type { PayloadType } from "./type.ts";

export interface Room {
  /** Bytes that the value takes. */
  readonly used: number;
  /** Bytes of the whole field. */
  readonly size: number;
}

/** The field as an object with one member, to stand behind a header; left out, it is written as zeros. */
export function field<K extends string, T>(
  name: K,
  type: PayloadType<T>,
  { used, size }: Room,
): PayloadType<{ readonly [P in K]?: T }> {
  return {
    size,
    read: (payload) => {
      if (payload.length < size) throw new DecodeError(`${payload.length} bytes, want ${size}`);
      const value = type.read(payload.subarray(0, used), {});
      return { [name]: value } as { readonly [P in K]?: T }; // `as`: a computed key has the type string
    },
    write: (object) => {
      const bytes = new Uint8Array(size);
      const value = object[name];
      if (value !== undefined) bytes.set(type.write(value, {}));
      return bytes;
    },
  };
}
