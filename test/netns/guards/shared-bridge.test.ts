/** Two configurations on one bridge: a guard stays as long as one pod of the bridge wants it. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";

const guarded = { ingressPolicy: "same-bridge" };
const open = {
  name: "open",
  isGateway: false,
  ipMasq: true,
  ipam: { type: "host-local", subnet: "10.2.0.0/16" },
};

function guardedBridges(node: Node): string[] {
  const { nftables } = node.json("nft -j list set inet podwire guarded");
  return nftables.flatMap((entry: { set?: { elem?: string[] } }) => entry.set?.elem ?? []);
}

test("ADD() without a policy leaves the bridge's guard while another pod wants it", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf: guarded });
  attach(node, { containerId: "c2", conf: open });
  expect(guardedBridges(node)).toEqual(["cni0"]);
  const conf = { ...guarded, prevResult: result };
  expect(call(node, "CHECK", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("ADD() without a policy takes the bridge's guard away when no pod wants it any more", async () => {
  await using node = await Node.create();
  attach(node, { conf: guarded });
  call(node, "DEL", { conf: guarded });
  attach(node, { containerId: "c2", conf: open });
  expect(guardedBridges(node)).toEqual([]);
});
