/** Lines of a stream that is cut anywhere. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { LineDecoder } from "../../../src/kubernetes/lines.ts";

function decode(bytes: Uint8Array, cuts: readonly number[]): string[] {
  const decoder = new LineDecoder();
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
}

test("LineDecoder gives the same lines wherever the stream is cut, also within a character", () => {
  const line = fc.string({ unit: "binary" }).filter((text) => text !== "" && !text.includes("\n"));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
      const whole = lines.map((text) => text.toWellFormed());
      const bytes = new TextEncoder().encode(whole.map((text) => `${text}\n`).join(""));
      expect(decode(bytes, cuts)).toEqual(whole);
    }),
  );
});

test("LineDecoder gives each line as soon as it is whole", () => {
  const decoder = new LineDecoder();
  expect(decoder.push(Buffer.from('{"a":1}\n{"b"'))).toEqual(['{"a":1}']);
  expect(decoder.push(Buffer.from(":2}\n"))).toEqual(['{"b":2}']);
  expect(decoder.end()).toEqual([]);
});

test("LineDecoder gives the last line also without its end", () => {
  expect(decode(Buffer.from("first\nlast"), [])).toEqual(["first", "last"]);
});

test("LineDecoder joins a line of many pieces", () => {
  const decoder = new LineDecoder();
  const piece = Buffer.from("x".repeat(1000));
  for (let index = 0; index < 4000; index += 1) expect(decoder.push(piece)).toEqual([]);
  expect(decoder.push(Buffer.from("\n"))).toEqual(["x".repeat(4_000_000)]);
});
