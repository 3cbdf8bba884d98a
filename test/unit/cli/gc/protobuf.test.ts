/** Protocol buffers, held against what the library that runtimes' clients use writes. */

import { join } from "node:path";
import { loadSync, type MethodDefinition } from "@grpc/proto-loader";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidMessage, readFields } from "../../../../src/cli/gc/protobuf.ts";

const OPTIONS = { keepCase: true, enums: String, longs: Number, defaults: true } as const;
const PROTO = join(import.meta.dirname, "../../../support/runtime/cri/cri.proto");

/** `as`: what the file defines. */
const service = loadSync(PROTO, OPTIONS)["runtime.v1.RuntimeService"] as unknown as Readonly<
  Record<string, MethodDefinition<object, object>>
>;

function sandboxList(items: readonly object[]): Uint8Array {
  return service.ListPodSandbox?.responseSerialize({ items }) ?? new Uint8Array(0);
}

function idsIn(message: Uint8Array): string[] {
  return readFields(message)
    .flatMap(({ bytes }) => readFields(bytes).filter(({ number }) => number === 1))
    .map(({ bytes }) => new TextDecoder().decode(bytes));
}

test("readFields() finds the IDs when a list has all that a sandbox can have", () => {
  const items = ["a", "b".repeat(300)].map((id) => ({
    id,
    metadata: { name: "cart-0", uid: "7c2", namespace: "shop", attempt: 4_000_000_000 },
    state: "SANDBOX_NOTREADY",
    created_at: 1_790_000_000_000_000_000,
    labels: { app: "cart" },
    annotations: { long: "x".repeat(70_000) },
    runtime_handler: "runc",
  }));
  expect(idsIn(sandboxList(items))).toEqual(items.map(({ id }) => id));
});

test("readFields() finds nothing when the list is empty", () => {
  expect(readFields(sandboxList([]))).toEqual([]);
});

test("readFields() finds every ID when lists are at random", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), (ids) => {
      expect(idsIn(sandboxList(ids.map((id) => ({ id }))))).toEqual(ids);
    }),
  );
});

test.for([
  ["a text longer than what is left", "0a05616263", "a field is cut off"],
  ["a number without an end", "08ffffff", "a number is cut off"],
  ["a length without an end", "0aff", "a number is cut off"],
  ["eight bytes of which four are there", "0901020304", "a field is cut off"],
  ["a group, which nobody uses any more", "0b", "wire type 3"],
] as const)("readFields() refuses a message when it has %s", ([, hex, message]) => {
  const read = () => readFields(Uint8Array.fromHex(hex));
  expect(read).toThrow(InvalidMessage);
  expect(read).toThrow(message);
});

test("readFields() passes over fields of fixed size when they stand between others", () => {
  // 1: varint 300, 2: fixed64, 3: "ab", 4: fixed32, 5: "c"
  const message = Uint8Array.fromHex("08ac02110102030405060708" + "1a026162" + "25010203042a0163");
  expect(readFields(message).map(({ number, bytes }) => [number, new TextDecoder().decode(bytes)])).toEqual([
    [3, "ab"],
    [5, "c"],
  ]);
});

test("readFields() says no more than InvalidMessage when bytes are at random", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        readFields(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessage);
      }
    }),
  );
});
