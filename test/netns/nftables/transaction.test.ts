/** Transactions of a netlink socket: all or nothing, refused by generation, told apart request by request. */

import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";

/** Runs a module of ours inside the node; `body` has `socket` and prints JSON. */
function inNode(node: Node, body: string) {
  const program = `
    import { NetlinkSocket } from "${resolve("src/netlink/socket.ts")}";
    import { netfilter } from "${resolve("src/netlink/netfilter/protocol.ts")}";
    const socket = NetlinkSocket.open(netfilter);
    const table = (name, flags = 0x400) => ({ message: "NFT_MSG_NEWTABLE", flags, body: { nfgen_family: 1, NFTA_TABLE_NAME: name } });
    const chain = (table, name) => ({ message: "NFT_MSG_NEWCHAIN", flags: 0x400, body: { nfgen_family: 1, NFTA_CHAIN_TABLE: table, NFTA_CHAIN_NAME: name } });
    const generation = () => socket.get({ message: "NFT_MSG_GETGEN", body: {} }, "NFT_MSG_NEWGEN")[0].NFTA_GEN_ID;
    const errnos = (refusals) => refusals.map((refusal) => refusal?.errno ?? "");
    const attempt = (action) => { try { return action(); } catch (error) { return error.errno; } };
    console.log(JSON.stringify((() => { ${body} })()));`;
  const { exitCode, stdout, stderr } = node.run([resolve("scripts/bun"), "-e", program]);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

const tablesOf = (node: Node) =>
  node
    .json("nft -j list tables")
    .nftables.flatMap((entry: { table?: { name: string } }) => entry.table?.name ?? []);

let node: Node;
beforeAll(async () => {
  node = await Node.create();
});
afterAll(() => node[Symbol.asyncDispose]());

test("transact() makes everything when nothing is refused", () => {
  expect(inNode(node, `return errnos(socket.transact([table("a"), chain("a", "c")]))`)).toEqual(["", ""]);
  expect(tablesOf(node)).toContain("a");
});

test("transact() makes nothing and names the refused requests when some are", () => {
  const body = `return errnos(socket.transact([table("b"), chain("none", "c"), chain("b", "c"), chain("none", "d")]))`;
  expect(inNode(node, body)).toEqual(["", "ENOENT", "", "ENOENT"]);
  expect(tablesOf(node)).not.toContain("b");
});

test("transact() goes through when the ruleset is of the generation that was asked for", () => {
  expect(inNode(node, `return errnos(socket.transact([table("d")], generation()))`)).toEqual([""]);
  expect(tablesOf(node)).toContain("d");
});

test("transact() throws ERESTART and makes nothing when the ruleset has changed since", () => {
  const body = `const before = generation(); socket.transact([table("e")]);
    return attempt(() => socket.transact([table("f")], before));`;
  expect(inNode(node, body)).toBe("ERESTART");
  expect(tablesOf(node)).not.toContain("f");
});

test("transact() leaves nothing behind that a later request would take for its own answer", () => {
  const body = `for (let i = 0; i < 5; i++) attempt(() => socket.transact([table("g")], 1));
    return [errnos(socket.transact([table("h")])), generation() > 0];`;
  expect(inNode(node, body)).toEqual([[""], true]);
});
