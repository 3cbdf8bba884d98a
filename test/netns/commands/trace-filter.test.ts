/** `podwire trace` through other programs' rules: it says what becomes of a connection exactly as the kernel does it. */

import { expect, test } from "vitest";
import type { Node } from "../../support/node/node.ts";
import { ADDRESSES, answers, hopAt, trace, tracedWorld } from "../../support/traffic/trace.ts";
import { OUTSIDE4 } from "../../support/traffic/traffic-world.ts";

/** c1 is 10.1.0.2 behind cni0; it connects to 192.168.50.2, port 80, by eth0. */
const TARGET = `${OUTSIDE4} 80`;
const QUESTION = `c1 ${OUTSIDE4} --port 80/tcp`;

/** Rules of a chain on the forward hook in the words of nft(8). */
const DROPPING = [
  "ip saddr 10.1.0.0/16 drop",
  "ip saddr 10.1.0.0/23 drop",
  "ip saddr { 10.1.0.2-10.1.0.5, 10.3.0.0/24 } drop",
  "ip saddr & 255.255.0.255 == 10.1.0.2 drop",
  "ip saddr != 10.2.0.0/16 drop",
  "ip protocol tcp ip daddr 192.168.50.2 drop",
  "ip daddr . tcp dport { 192.168.50.2 . 80, 192.168.50.2 . 443 } drop",
  "tcp dport { 80, 443 } drop",
  "tcp dport != { 81, 443 } drop",
  "tcp dport 79-81 reject",
  "tcp dport >= 80 drop",
  "tcp sport 32768-60999 tcp dport 80 drop",
  'iifname "cni0" oifname "eth0" drop',
  'iifname "cni*" drop',
  "iif cni0 oif eth0 drop",
  "meta nfproto ipv4 meta l4proto tcp drop",
  "ct state new counter drop",
  "ct state vmap { established : accept, new : drop }",
  "tcp dport vmap { 80 : drop, 443 : accept }",
  "ip saddr vmap { 10.1.0.0-10.1.0.9 : drop, 10.2.0.0/16 : accept }",
  "ip daddr 192.168.50.2 jump deny",
  "ip daddr 192.168.50.2 goto deny",
  "log jump none drop",
];

const PASSING = [
  "ip saddr 10.2.0.0/16 drop",
  "ip saddr { 10.1.0.3-10.1.0.5, 10.3.0.0/24 } drop",
  "ip saddr & 255.255.0.255 == 10.1.0.3 drop",
  "ip daddr . tcp dport { 192.168.50.2 . 81, 192.168.50.3 . 80 } drop",
  "tcp dport 81-90 drop",
  "tcp dport < 80 drop",
  "udp dport 80 drop",
  "tcp sport 7 drop",
  'oifname "cni1" drop',
  'iifname != "cni0" drop',
  "iif cni1 drop",
  "meta nfproto ipv6 drop",
  "ct state { established, related } drop",
  "ct state invalid drop",
  "ct status dnat drop",
  "ct state vmap { established : accept, invalid : drop }",
  "tcp dport 80 accept; drop",
  "ip daddr 192.168.50.2 jump none; accept",
  "ip daddr 192.168.50.2 return; drop",
  "ip daddr 192.168.50.3 jump deny",
];

/** Each drops the answer alone. */
const ONE_WAY = [
  {
    to: "outside",
    rules: 'chain f { type filter hook forward priority 0; policy drop; iifname "cni0" accept; }',
  },
  {
    to: "outside",
    rules: "chain f { type filter hook forward priority 0; ct state established tcp sport 80 drop; }",
  },
  { to: "node", rules: 'chain o { type filter hook output priority 0; oifname "cni0" drop; }' },
  {
    to: "node",
    rules: "chain o { type filter hook output priority 0; policy drop; ip daddr 10.2.0.0/16 accept; }",
  },
];

test.for(ONE_WAY)(
  "trace stops at the reply when the way back from $to is shut by: $rules",
  async ({ to, rules }) => {
    await using world = await tracedWorld();
    const address = ADDRESSES[to]?.ip ?? "";
    expect(trace(world.node, `c1 ${address} -p 80`).exitCode).toBe(0);
    world.node.sh(`nft 'table inet fw { ${rules}; }'`);
    const { last } = trace(world.node, `c1 ${address} -p 80`);
    expect(last).toMatchObject({
      at: "reply",
      level: "fault",
      text: expect.stringMatching(/^of the answer: chain . of /),
    });
    expect(answers(world, "c1", `${address} 80`, false)).toBe(false);
  },
);

/** Its chain drops by policy. */
const CLOSED = [
  { rules: "ip daddr 192.168.50.2 accept", isOpen: true },
  { rules: "ip saddr 10.1.0.2 accept", isOpen: true },
  { rules: 'iifname "cni0" accept; oifname "cni0" accept', isOpen: true },
  { rules: "ct state established,related accept", isOpen: false },
  { rules: "ip daddr 192.168.50.2 jump none", isOpen: false },
  { rules: "ip daddr 192.168.50.2 goto none; accept", isOpen: false },
];

/** A table `inet fw`: replies pass in any case. */
function load(node: Node, rules: string, policy = "accept"): void {
  const back = "ct state established,related accept;";
  node.sh(`nft -f - << 'END'
table inet fw {
  chain deny { drop; }
  chain none { return; drop; }
  chain out { type filter hook forward priority 0; policy ${policy}; ${back} ${rules}; }
}
END`);
}

test.for(DROPPING)("trace says that the connection is dropped when a rule is: %s", async (rules) => {
  await using world = await tracedWorld();
  load(world.node, rules.replace("log jump none drop", "log; jump none; drop"));
  expect(trace(world.node, QUESTION)).toMatchObject({ exitCode: 1, last: { at: "forward", level: "fault" } });
  expect(answers(world, "c1", TARGET, false)).toBe(false);
});

test.for(PASSING)("trace says that the connection passes when a rule is: %s", async (rules) => {
  await using world = await tracedWorld();
  load(world.node, rules);
  const { exitCode, hops } = trace(world.node, QUESTION);
  expect([exitCode, hops.filter(({ level }) => level !== "ok")]).toEqual([0, []]);
  expect(answers(world, "c1", TARGET, true)).toBe(true);
});

test.for(CLOSED)(
  "trace says whether a chain opens that drops by policy with: $rules",
  async ({ rules, isOpen }) => {
    await using world = await tracedWorld();
    load(world.node, rules, "drop");
    const traced = trace(world.node, QUESTION);
    expect([traced.exitCode === 0, hopAt(traced, "forward")?.level]).toEqual([
      isOpen,
      isOpen ? "ok" : "fault",
    ]);
    expect(answers(world, "c1", TARGET, isOpen)).toBe(isOpen);
  },
);

/** Arguments of iptables-nft behind `-A FORWARD`, and the hop at which they stop the connection. */
const IPTABLES: { readonly rule: string; readonly at?: string }[] = [
  { rule: "-s 10.1.0.0/24 -j DROP", at: "forward" },
  { rule: "-s 10.1.1.0/24 -j DROP" },
  { rule: "-p tcp --dport 80 -j REJECT", at: "forward" },
  { rule: "-p tcp --dport 81 -j REJECT" },
  { rule: "-i cni+ ! -o cni0 -j DROP", at: "forward" },
  { rule: "! -i cni0 -j DROP", at: "reply" },
  { rule: "! -i cni0 -d 192.168.50.2 -j DROP" },
  { rule: "-m conntrack --ctstate NEW -j DROP", at: "forward" },
  { rule: "-m conntrack --ctstate RELATED,ESTABLISHED -j DROP", at: "reply" },
  { rule: "-m conntrack --ctstate RELATED,INVALID -j DROP" },
  { rule: "-p tcp --sport 80 -j DROP", at: "reply" },
  { rule: "-m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP", at: "forward" },
  { rule: "-d 192.168.50.2 -m comment --comment ours -j DROP", at: "forward" },
  { rule: "-j LOG" },
];

test.for(IPTABLES)("trace reads what iptables wrote when the rule is $rule", async ({ rule, at }) => {
  await using world = await tracedWorld();
  world.node.sh(`iptables-nft -A FORWARD ${rule}`);
  const { outcome, hops, last } = trace(world.node, QUESTION);
  expect([outcome, last.at]).toEqual(at === undefined ? ["leaves", "neighbour"] : ["stopped", at]);
  expect(hops.filter(({ level }) => level === "warning")).toEqual([]);
  expect(answers(world, "c1", TARGET, at === undefined)).toBe(at === undefined);
});

test.for(["meta mark 7 drop", "limit rate over 5/second drop", "ip ttl 3 drop"])(
  "trace warns and names the rule when it cannot tell whether it matches: %s",
  async (rules) => {
    await using world = await tracedWorld();
    load(world.node, rules);
    const traced = trace(world.node, QUESTION);
    const handle = /# handle (\d+)/.exec(
      world.node.sh(`nft -a list chain inet fw out | grep '${rules.split(" ")[0]}'`),
    )?.[1];
    expect(traced).toMatchObject({ exitCode: 0, outcome: "leaves" });
    expect(hopAt(traced, "forward")).toMatchObject({
      level: "warning",
      text: expect.stringContaining(`may drop it: the rule with handle ${handle};`),
      advice: "nft -a list chain inet fw out",
    });
  },
);

test("trace's advice lets the packet through when it deletes the rule that drops", async () => {
  await using world = await tracedWorld();
  load(world.node, "tcp dport 80 jump deny");
  const { last } = trace(world.node, QUESTION);
  world.node.sh(/nft delete rule .*/.exec(last.advice ?? "")?.[0] ?? "false");
  expect(trace(world.node, QUESTION).outcome).toBe("leaves");
  expect(answers(world, "c1", TARGET, true)).toBe(true);
});

const SERVICE = "10.96.0.1";

test("trace ends where another program gives a Service's address another destination", async () => {
  await using world = await tracedWorld();
  world.node.sh(
    `iptables-nft -t nat -A PREROUTING -d ${SERVICE}/32 -p tcp --dport 443 -j DNAT --to-destination 10.2.0.2:80`,
  );
  const sure = trace(world.node, `c1 ${SERVICE} --port 443/tcp`);
  expect(sure).toMatchObject({ exitCode: 0, outcome: "unknown", last: { at: "nat", level: "warning" } });
  expect(sure.last.text).toContain("chain PREROUTING of table ip nat gives it another destination");
  expect(world.connect("c1", `tcp ${SERVICE} 443`)).toMatch(/^c3 /);
});

test("trace says so and goes on when another program may give the packet another destination", async () => {
  await using world = await tracedWorld();
  world.node.sh(
    `iptables-nft -t nat -A PREROUTING -d ${SERVICE}/32 -p tcp --dport 443 -j DNAT --to-destination 10.2.0.2:80`,
  );
  const perhaps = trace(world.node, `c1 ${SERVICE}`);
  expect(hopAt(perhaps, "nat")?.text).toContain("may give it another destination");
  expect(perhaps.outcome).toBe("leaves");
  const [other] = trace(world.node, `c1 ${SERVICE} --port 80`).hops.filter(({ at }) => at === "nat");
  expect(other).toBeUndefined();
});
