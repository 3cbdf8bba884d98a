/** forward: rules in other programs' chains that accept a bridge's packets, there while the bridge has pods. */

import { expect, test } from "vitest";
import {
  acceptingRulesOf,
  DOCKERS_RULES,
  dropForwarded,
  filterRulesOf,
  ONCE,
} from "../../support/kernel/forward-chains.ts";
import { rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";
import { MYNET, OTHERNET } from "../../support/traffic/traffic-networks.ts";

const conf = { ...MYNET, forward: true };
const other = { ...OTHERNET, forward: true };

test("ADD() puts its rules before those of others, which iptables-nft still lists", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  attach(node, { conf });
  const isOurs = (line: string) => line.includes("cni0");
  const { ip, ip6 } = filterRulesOf(node);
  for (const lines of [ip, ip6]) {
    expect(lines.filter((line) => !isOurs(line))).toEqual(DOCKERS_RULES);
    expect(lines.findLastIndex(isOurs)).toBeLessThan(lines.indexOf("-A FORWARD -j DOCKER-USER"));
  }
  expect(acceptingRulesOf(node)).toEqual(ONCE());
});

test("ADD() leaves what iptables-nft-restore takes back", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  attach(node, { conf });
  const before = filterRulesOf(node);
  node.sh("iptables-nft-save > /run/v4; ip6tables-nft-save > /run/v6");
  node.sh("iptables-nft-restore < /run/v4; ip6tables-nft-restore < /run/v6");
  expect(filterRulesOf(node)).toEqual(before);
});

test("ADD() has its rules once when the bridge has many pods", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  for (const containerId of ["c1", "c2", "c3"]) attach(node, { conf, containerId });
  expect(acceptingRulesOf(node)).toEqual(ONCE());
});

test("ADD() has rules for each bridge when there are two", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  attach(node, { conf });
  attach(node, { conf: other, containerId: "c2" });
  expect([acceptingRulesOf(node), acceptingRulesOf(node, "cni1")]).toEqual([ONCE(), ONCE("cni1")]);
});

const accepting = [
  { name: "nothing filters", setup: "true" },
  { name: "the policy is accept", setup: "iptables-nft -P FORWARD ACCEPT" },
  { name: "another chain than FORWARD drops", setup: "iptables-nft -P INPUT DROP" },
];

test.for(accepting)("ADD() puts no rules into others' tables when $name", async ({ setup }) => {
  await using node = await Node.create();
  node.sh(setup);
  const before = rulesetOf(node);
  attach(node, { conf });
  expect(rulesetOf(node)).toEqual(before);
});

test("ADD() puts no rules into others' tables when forward is off", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  attach(node, { conf: MYNET });
  expect(filterRulesOf(node)).toEqual({ ip: DOCKERS_RULES, ip6: DOCKERS_RULES });
});

test("ADD() serves the family that drops when the other accepts", async () => {
  await using node = await Node.create();
  node.sh("ip6tables-nft -P FORWARD DROP; iptables-nft -P FORWARD ACCEPT");
  attach(node, { conf });
  expect(acceptingRulesOf(node)).toEqual(["-i cni0", "-o cni0"]);
});

test("ADD() puts back the rule that is missing when one of them was removed", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  attach(node, { conf });
  node.sh("nft -a list chain ip filter FORWARD | sed -n 's/.*iifname \"cni0\".*handle //p' > /run/handle");
  node.sh("nft delete rule ip filter FORWARD handle $(cat /run/handle)");
  attach(node, { conf, containerId: "c2" });
  expect(acceptingRulesOf(node)).toEqual(ONCE());
});

test("ADD() serves a chain that began to drop when the bridge already had pods", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  dropForwarded(node);
  attach(node, { conf, containerId: "c2" });
  expect(acceptingRulesOf(node)).toEqual(ONCE());
});

test("ADD() serves an nft table of somebody's when its forward chain drops", async () => {
  await using node = await Node.create();
  node.sh("nft 'table inet own { chain out { type filter hook forward priority 5; policy drop; }; }'");
  attach(node, { conf });
  const rules = node.sh("nft list chain inet own out");
  expect(rules).toMatch(/iifname "cni0".*accept/);
  expect(rules).toMatch(/oifname "cni0".*accept/);
});
