/** Guards: `podwire repair` puts back what somebody took out of the tables, so that they guard again. */

import { expect, test } from "vitest";
import { acceptingRulesOf, dropForwarded, ONCE } from "../../support/kernel/forward-chains.ts";
import { rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node, PODWIRE } from "../../support/node/node.ts";
import { attach, callWithResult } from "../../support/pod/attachment.ts";
import { MYNET, OTHERNET } from "../../support/traffic/traffic-networks.ts";

const mine = { ...MYNET, macspoofchk: true, ingressPolicy: "isolated", forward: true };
const others = { ...OTHERNET, macspoofchk: true, ingressPolicy: "same-bridge", forward: true };

const losses = [
  { name: "our tables were flushed", script: "nft flush table inet podwire; nft flush table bridge podwire" },
  {
    name: "our tables were deleted",
    script: "nft delete table inet podwire; nft delete table bridge podwire",
  },
  {
    name: "our elements were removed",
    script: `for set in checked senders; do nft flush set bridge podwire $set; done
      for set in guarded isolated bridges; do nft flush set inet podwire $set; done`,
  },
];

test.for(losses)("repair() puts every guard back when $name", async ({ script }) => {
  await using node = await Node.create();
  attach(node, { conf: mine });
  attach(node, { conf: others, containerId: "c2" });
  const before = rulesetOf(node).toSorted();
  node.sh(script);
  expect(rulesetOf(node).toSorted()).not.toEqual(before);
  expect(node.run([PODWIRE, "repair"]).exitCode).toBe(0);
  expect(rulesetOf(node).toSorted()).toEqual(before);
});

test("repair() puts back the way through others' chains when these were flushed", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  const result = attach(node, { conf: mine });
  attach(node, { conf: mine, containerId: "c3" });
  attach(node, { conf: others, containerId: "c2" });
  node.sh("iptables-nft -F FORWARD; ip6tables-nft -F FORWARD");
  expect(node.run([PODWIRE, "repair"]).exitCode).toBe(0);
  expect([acceptingRulesOf(node), acceptingRulesOf(node, "cni1")]).toEqual([ONCE(), ONCE("cni1")]);
  expect(callWithResult(node, "CHECK", result, { conf: mine })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("repair() puts nothing in when the pods did not ask for it", async () => {
  await using node = await Node.create();
  attach(node, { conf: MYNET });
  dropForwarded(node);
  const before = rulesetOf(node);
  node.run([PODWIRE, "repair"]);
  expect(rulesetOf(node)).toEqual(before);
});
