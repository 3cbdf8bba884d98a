/** `podwire install --watch` restores the rules of pods when other programs remove them. */

import { expect, test } from "vitest";
import { acceptingRulesOf, dropForwarded, ONCE } from "../../support/kernel/forward-chains.ts";
import { ownersOf, rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Agent, type LogLine } from "../../support/node/agent.ts";
import { BIN_DIR, createBareNode } from "../../support/node/install.ts";
import type { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { allAtOnce } from "../../support/pod/traffic-concurrent.ts";
import { MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, World } from "../../support/traffic/traffic-world.ts";

const conf = mapped([WEB], { ...MYNET, ipMasq: true, macspoofchk: true });
const restored = ({ msg }: LogLine) => msg === "rules restored";
const sorted = (node: Node) => rulesetOf(node).toSorted();
const CHECKS = "podwire_rule_checks_total";

test.for([
  ["the whole ruleset is flushed", "nft flush ruleset"],
  ["the tables are deleted", "nft delete table inet podwire; nft delete table bridge podwire"],
  ["the rules are flushed", "nft flush table inet podwire; nft flush table bridge podwire"],
  ["one element is deleted", "nft delete element inet podwire hostports_ip '{ tcp . 8080 }'"],
  [
    "a firewall is loaded",
    "printf 'flush ruleset\\ntable inet filter { }\\n' | nft -f -; nft delete table inet filter",
  ],
] as const)("the agent restores all rules of all pods when %s", async ([, script]) => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  attach(node, { conf });
  attach(node, { conf: mapped([{ ...WEB, hostPort: 81 }]), containerId: "c2" });
  const before = sorted(node);
  node.sh(script);
  await agent.said(restored);
  expect(sorted(node)).toEqual(before);
});

test("the agent makes a host port lead to its pod again when the ruleset is flushed", async () => {
  await using world = await World.create();
  const { node } = world;
  node.sh(`mkdir -p ${BIN_DIR}; mount -t tmpfs tmpfs ${BIN_DIR}`);
  attach(node, { conf });
  await world.serve("c1");
  await using agent = await Agent.start(node);
  node.sh("nft flush ruleset");
  await agent.said(restored);
  expect(world.connect("outside", `tcp ${NODE4} 8080`).split(" ")[0]).toBe("c1");
});

test("the agent restores rules when they were removed before it started", async () => {
  await using node = await createBareNode();
  attach(node, { conf });
  const before = sorted(node);
  node.sh("nft flush ruleset");
  await using agent = await Agent.start(node);
  expect(agent.log.filter(restored)).toMatchObject([{ attachments: 1 }]);
  expect(sorted(node)).toEqual(before);
  expect(await agent.metrics()).toMatchObject({
    'podwire_rules_restored_total{result="restored"}': 1,
    'podwire_rules_restored_total{result="failed"}': 0,
  });
});

test("the agent looks once when there are many changes at once, and not at all when podwire makes them", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  for (const containerId of ["c1", "c2"])
    attach(node, { conf: mapped([{ ...WEB, hostPort: Number(containerId.slice(1)) }]), containerId });
  call(node, "DEL", { conf: MYNET, containerId: "c2" });
  node.sh("yes 'flush ruleset' | head -n 100 | nft -i");
  await agent.said(restored);
  const first = await agent.metrics();
  const from = agent.log.length;
  node.sh("nft flush ruleset");
  await agent.said(restored, from);
  const second = await agent.metrics();
  expect([first[CHECKS], second[CHECKS]]).toEqual([2, 3]); // with that at its start
});

test("the agent leaves nothing of removed pods when rulesets are flushed while they are removed", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  const calls = Array.from({ length: 20 }, (_, index) => ({
    containerId: `c${index}`,
    conf: mapped([{ ...WEB, hostPort: 9000 + index }]),
  }));
  await allAtOnce(node, "ADD", calls);
  attach(node, { conf, containerId: "stays" });
  node.sh("nft flush ruleset");
  const removed = await allAtOnce(node, "DEL", calls);
  await agent.said(restored);
  expect(removed.map(({ exitCode }) => exitCode)).toEqual(calls.map(() => 0));
  expect(ownersOf(node)).toEqual(["mynet/stays/eth0"]);
});

test("the agent restores the way through foreign chains when these are flushed", async () => {
  await using node = await createBareNode();
  dropForwarded(node);
  attach(node, { conf: { ...MYNET, forward: true } });
  await using agent = await Agent.start(node);
  node.sh("iptables-nft -F FORWARD");
  await agent.said(restored);
  expect(acceptingRulesOf(node)).toEqual(ONCE());
});

/** Multicast groups of NETLINK_NETFILTER that processes have joined: NFNLGRP_NFTABLES is 0x40. */
function groupsJoined(node: Node): string[] {
  const sockets = node
    .sh("cat /proc/net/netlink")
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  return sockets.flatMap(([, protocol, , groups = ""]) =>
    protocol === "12" && groups !== "00000000" ? [groups] : [],
  );
}

test.for([
  ["follows changes of rulesets", [], ["00000040"]],
  ["does not follow changes of rulesets, nor restores any,", ["--no-repair"], []],
] as const)("the agent %s when its options are %j", async ([, options, groups]) => {
  await using node = await createBareNode();
  attach(node, { conf });
  node.sh("nft flush ruleset");
  await using agent = await Agent.start(node, ...options);
  expect(groupsJoined(node)).toEqual(groups);
  expect(agent.log.filter(restored)).toHaveLength(groups.length);
});

test("the agent restores rules when it was told of more changes than its socket can hold", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  attach(node, { conf });
  const before = sorted(node);
  agent.signal("SIGSTOP");
  node.sh(`{ echo 'add table inet big; add set inet big s { type ipv4_addr; }'
    for a in $(seq 60); do for b in $(seq 250); do echo "add element inet big s { 10.1.$a.$b }"; done; done; } | nft -f -
    nft flush ruleset`);
  agent.signal("SIGCONT");
  await agent.said(restored);
  expect(sorted(node)).toEqual(before);
});
