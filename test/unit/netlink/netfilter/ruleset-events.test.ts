/** Transactions put together from what the kernel tells of them. */

import { expect, test } from "vitest";
import { DecodeError } from "../../../../src/netlink/codec/error.ts";
import { encodeMessage } from "../../../../src/netlink/codec/message.ts";
import { CommitReader } from "../../../../src/netlink/netfilter/ruleset-events.ts";

const DELTABLE = 0xa02;
const DELRULE = 0xa08;
const NEWGEN = 0xa0f;

/** `struct nfgenmsg`, and one attribute that holds a text. */
function message(type: number, attribute: number, text: string): Uint8Array {
  const length = 4 + text.length + 1;
  const bytes = new TextEncoder().encode(text.padEnd(Math.ceil(length / 4) * 4 - 4, "\0"));
  const payload = new Uint8Array([1, 0, 0, 0, length, 0, attribute, 0, ...bytes]);
  return encodeMessage({ type, flags: 0, sequence: 0, payload });
}

const joined = (...messages: readonly Uint8Array[]) =>
  new Uint8Array(messages.flatMap((bytes) => [...bytes]));
const tableGone = message(DELTABLE, 1, "podwire");
const ruleGone = message(DELRULE, 1, "filter");
const byNft = message(NEWGEN, 3, "nft");

test("read() gives tables and program when a transaction is whole", () => {
  const [commit] = new CommitReader().read(joined(ruleGone, tableGone, byNft));
  expect(commit).toEqual({ tables: new Set(["filter", "podwire"]), program: "nft" });
});

test("read() gives the transaction at its end when it is spread over datagrams", () => {
  const reader = new CommitReader();
  expect(reader.read(tableGone)).toEqual([]);
  expect(reader.read(joined(ruleGone, byNft, ruleGone, byNft))).toEqual([
    { tables: new Set(["podwire", "filter"]), program: "nft" },
    { tables: new Set(["filter"]), program: "nft" },
  ]);
});

test("read() throws when a datagram was cut", () => {
  expect(() => new CommitReader().read(tableGone.subarray(0, -8))).toThrow(DecodeError);
});
