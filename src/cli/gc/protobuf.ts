/** Reading of protocol buffers, as far as a list of names needs it. @see https://protobuf.dev/programming-guides/encoding */

/** A field of a message: numbers are left out, for nobody asks for them. */
export interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
}

const WIRE = { VARINT: 0, I64: 1, LEN: 2, I32: 5 } as const;

/** Bytes that are no message. */
export class InvalidMessage extends Error {
  override readonly name = "InvalidMessage";
}

/** The fields of a message that have a length: texts, bytes and messages within it. @throws {InvalidMessage} */
export function readFields(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  while (offset < message.length) {
    const tag = readVarint(message, offset);
    const { length, start } = extentOf(message, tag.value & 7, tag.end);
    if (start + length > message.length)
      throw new InvalidMessage(`a field is cut off after ${message.length} bytes`);
    if ((tag.value & 7) === WIRE.LEN)
      fields.push({ number: tag.value >>> 3, bytes: message.subarray(start, start + length) });
    offset = start + length;
  }
  return fields;
}

/** Where the value of a field begins, and how long it is. */
function extentOf(message: Uint8Array, wire: number, offset: number): { length: number; start: number } {
  if (wire === WIRE.VARINT) return { length: readVarint(message, offset).end - offset, start: offset };
  if (wire === WIRE.I64) return { length: 8, start: offset };
  if (wire === WIRE.I32) return { length: 4, start: offset };
  if (wire !== WIRE.LEN) throw new InvalidMessage(`wire type ${wire} is none`);
  const { value, end } = readVarint(message, offset);
  return { length: value, start: end };
}

/** Larger numbers than a length can be lose their upper bits. */
function readVarint(message: Uint8Array, offset: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = message[offset + index];
    if (byte === undefined) break;
    if (index < 5) value = (value | ((byte & 0x7f) << (7 * index))) >>> 0;
    if (byte < 0x80) return { value, end: offset + index + 1 };
  }
  throw new InvalidMessage("a number is cut off");
}
