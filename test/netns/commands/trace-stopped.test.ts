/** `podwire trace` where a packet is stopped: at the right hop, with advice that gets it through. */

import { expect, test } from "vitest";
import { dropForwarded } from "../../support/kernel/forward-chains.ts";
import { type Node, PODWIRE } from "../../support/node/node.ts";
import {
  ADDRESSES,
  answers,
  FAMILIES,
  type FamilyName,
  hopAt,
  trace,
  tracedWorld,
} from "../../support/traffic/trace.ts";
import type { World } from "../../support/traffic/traffic-world.ts";

interface Stop {
  readonly name: string;
  /** What happens to the node; `$C1`, `$C2` stand for the pods' ports, `$IP` for `ip` with the family's flag. */
  readonly script: string;
  readonly from?: string;
  readonly to: string;
  /** The hop that stops the packet. */
  readonly at: string;
  readonly fields?: object;
  readonly families?: readonly FamilyName[];
}

/** Following the advice, again and again, gets the packet through. */
const MENDED: Stop[] = [
  { name: "the pod's interface is down", script: "ip -n c1 link set eth0 down", to: "c2", at: "pod" },
  {
    name: "the pod has lost its address",
    script: "$IP -n c1 address flush dev eth0 scope global",
    to: "c2",
    at: "pod",
    families: ["ip"],
  },
  { name: "the pod has no default route", script: "$IP -n c1 route del default", to: "outside", at: "route" },
  {
    name: "the pod has a blackhole route",
    script: "$IP -n c1 route add blackhole $TO",
    to: "c3",
    at: "route",
  },
  {
    name: "the pod has a prohibit route",
    script: "$IP -n c1 route add prohibit $TO",
    to: "outside",
    at: "route",
  },
  { name: "the pod's lo is down", script: "ip -n c1 link set lo down", to: "c1", at: "pod" },
  {
    name: "the pod has a wrong permanent neighbour",
    script: "ip -n c1 neighbour replace $TO lladdr 02:00:00:00:00:77 dev eth0 nud permanent",
    to: "c2",
    at: "bridge",
  },
  { name: "the node's end is down", script: "ip link set $C1 down", to: "c2", at: "port" },
  { name: "the node's end has left the bridge", script: "ip link set $C1 nomaster", to: "c2", at: "port" },
  { name: "the node's end is blocked", script: "bridge link set dev $C1 state 0", to: "c2", at: "port" },
  { name: "the bridge is down", script: "ip link set cni0 down", to: "c2", at: "port" },
  {
    name: "the ifb device is down",
    script: "ip link set $(ip -br link show type ifb | cut -d' ' -f1 | head -1) down",
    to: "c2",
    at: "limit",
    fields: { egressRate: 1_000_000_000 },
  },
  {
    name: "the pod has another MAC address",
    script: "ip -n c1 link set eth0 address 02:00:00:00:00:99",
    to: "c2",
    at: "guard",
    fields: { macspoofchk: true },
  },
  {
    name: "the sender's element is gone",
    script: "nft flush set bridge podwire senders",
    to: "c2",
    at: "guard",
    fields: { macspoofchk: true },
  },
  {
    name: "the bridge has lost the gateway's address",
    script: "$IP address flush dev cni0 scope global; ip -n c1 neighbour flush dev eth0",
    to: "outside",
    at: "bridge",
  },
  {
    name: "the bridge has lost the gateway's address and the pod still knows it",
    script: "$IP address flush dev cni0 scope global",
    to: "outside",
    at: "reply",
  },
  {
    name: "the node does not forward",
    script: "sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0",
    to: "outside",
    at: "node",
  },
  {
    name: "the node does not forward to its other bridge",
    script: "sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0",
    to: "c3",
    at: "node",
  },
  {
    name: "the node has a blackhole route",
    script: "$IP route add blackhole $TO",
    to: "outside",
    at: "node",
  },
  {
    name: "the node has an unreachable route",
    script: "$IP route add unreachable $TO",
    to: "outside",
    at: "node",
  },
  {
    name: "the reverse path filter is strict and the way back another",
    script: "sysctl -qw net.ipv4.conf.cni0.rp_filter=1; ip route add 10.1.0.2/32 dev eth0",
    to: "outside",
    at: "node",
    families: ["ip"],
  },
  {
    name: "the other pod's interface is down",
    script:
      "ip -n c2 link set eth0 down; until ip link show $C2 | grep -qE 'state (LOWERLAYER)?DOWN'; do sleep 0.02; done",
    to: "c2",
    at: "port",
  },
  {
    name: "the other pod has lost its address",
    script: "$IP -n c2 address flush dev eth0 scope global",
    to: "c2",
    at: "target",
  },
  { name: "the other pod's port is down", script: "ip link set $C2 down", to: "c2", at: "port" },
  { name: "the other pod has no way back", script: "$IP -n c3 route del default", to: "c3", at: "reply" },
  {
    name: "the other pod may not answer",
    script: "ip -n c2 link set eth0 address 02:00:00:00:00:99",
    to: "c2",
    at: "guard",
    fields: { macspoofchk: true },
  },
];

/** The same, where the advice is for a person. */
const TOLD: Stop[] = [
  { name: "nobody has the address", script: "", to: "nobody", at: "bridge" },
  {
    name: "a pod is isolated from those of its bridge",
    script: "",
    to: "c2",
    at: "bridge",
    fields: { ingressPolicy: "isolated" },
  },
  { name: "ports are isolated", script: "", to: "c2", at: "bridge", fields: { portIsolation: true } },
  {
    name: "both bridges are guarded",
    script: "",
    to: "c3",
    at: "policy",
    fields: { ingressPolicy: "same-bridge" },
  },
  {
    name: "a rule drops it",
    script: "nft 'table inet fw { chain f { type filter hook forward priority 0; tcp dport 80 drop; }; }'",
    to: "outside",
    at: "forward",
  },
  {
    name: "a rule for the node drops it",
    script:
      "nft 'table inet fw { chain i { type filter hook input priority 0; iifname cni0 tcp dport 80 reject; }; }'",
    to: "node",
    at: "input",
  },
  {
    name: "the uplink has no carrier",
    script:
      "until ip link show eth0 | grep -qE 'state (LOWERLAYER)?DOWN'; do sleep 0.02; done OUTSIDE ip link set eth0 down",
    to: "outside",
    at: "uplink",
  },
  { name: "the uplink is down", script: "ip link set eth0 down", to: "outside", at: "node" },
];

function bothFamilies(stops: readonly Stop[]) {
  return stops.flatMap((stop) => (stop.families ?? FAMILIES).map((family) => ({ ...stop, family })));
}

/** The script with its words for this world, what stands behind OUTSIDE on the host there, and before the rest. */
function happen(world: World, script: string, family: FamilyName, to: string): void {
  const { node, outside } = world;
  const words: Record<string, string> = {
    $C1: portOf(node, "c1"),
    $C2: portOf(node, "c2"),
    $IP: family === "ip" ? "ip -4" : "ip -6",
    $TO: to,
  };
  const text = script.replaceAll(/\$(C1|C2|IP|TO)\b/g, (word) => words[word] ?? word);
  const [ours = "", theirs = ""] = text.split("OUTSIDE ");
  outside.sh(theirs);
  node.sh(ours);
}

function portOf(node: Node, pod: string): string {
  const links: { ifname: string; ifalias?: string }[] = node.json("ip -j link show type veth");
  return links.find(({ ifalias = "" }) => ifalias.includes(`/${pod}/`))?.ifname ?? "";
}

const ROUNDS = 6;

/** Does as trace says until the packet gets through. */
function mend(node: Node, line: string): void {
  for (let round = 0; round < ROUNDS; round++) {
    const { outcome, last } = trace(node, line);
    if (outcome !== "stopped") return;
    const command = (last.advice ?? "").replace(/; then .*/, "").replace(/^podwire /, `${PODWIRE} `);
    node.sh(command);
  }
  throw new Error(
    `trace ${line} is stopped after ${ROUNDS} rounds of advice: ${trace(node, line).last.text}`,
  );
}

test.for(bothFamilies(MENDED))(
  "trace stops at $at over $family and its advice gets the packet through when $name",
  async ({ script, to, at, fields, family }) => {
    await using world = await tracedWorld(fields);
    world.node.sh("ip -n c1 link set lo up");
    const address = ADDRESSES[to]?.[family] ?? "";
    expect(trace(world.node, `c1 ${address}`).exitCode).toBe(0);
    expect(answers(world, "c1", `${address} 80`, true)).toBe(true);
    happen(world, script, family, address);
    const stopped = trace(world.node, `c1 ${address}`);
    expect(stopped).toMatchObject({ exitCode: 1, outcome: "stopped", last: { at, level: "fault" } });
    expect(answers(world, "c1", `${address} 80`, false)).toBe(false);
    mend(world.node, `c1 ${address}`);
    expect(answers(world, "c1", `${address} 80`, true)).toBe(true);
  },
);

test.for(bothFamilies(TOLD))(
  "trace stops at $at over $family, and so does the packet, when $name",
  async ({ script, to, at, fields, family }) => {
    await using world = await tracedWorld(fields, fields);
    const address = ADDRESSES[to]?.[family] ?? "";
    happen(world, script, family, address);
    const stopped = trace(world.node, `c1 ${address} --port 80`);
    expect(stopped).toMatchObject({ exitCode: 1, outcome: "stopped", last: { at, level: "fault" } });
    expect(stopped.last.advice).toBeTruthy();
    expect(answers(world, "c1", `${address} 80`, false)).toBe(false);
  },
);

test.for(FAMILIES)(
  "trace names the chain over %s when other programs' policy drops what is forwarded",
  async (family) => {
    await using world = await tracedWorld();
    dropForwarded(world.node);
    for (const to of ["outside", "c3"]) {
      const address = ADDRESSES[to]?.[family] ?? "";
      const { outcome, last } = trace(world.node, `c1 ${address}`);
      expect([outcome, last.at]).toEqual(["stopped", "forward"]);
      expect(last.text).toContain(`chain FORWARD of table ${family} filter drops it`);
      expect(answers(world, "c1", `${address} 80`, false)).toBe(false);
    }
    expect(trace(world.node, `c1 ${ADDRESSES.c2?.[family]}`).outcome).toBe("arrives");
  },
);

test.for(FAMILIES)(
  "trace sees the filter between pods of a bridge over %s when bridges call it",
  async (family) => {
    await using world = await tracedWorld();
    dropForwarded(world.node);
    world.filterBridges(true);
    const address = ADDRESSES.c2?.[family] ?? "";
    expect(trace(world.node, `c1 ${address}`)).toMatchObject({ outcome: "stopped", last: { at: "forward" } });
    expect(answers(world, "c1", `${address} 80`, false)).toBe(false);
  },
);

test("trace lets the packet through a chain that drops when forward is true", async () => {
  await using world = await tracedWorld({ forward: true }, {}, dropForwarded);
  const traced = trace(world.node, "c1 192.168.50.2");
  expect(traced).toMatchObject({ exitCode: 0, outcome: "leaves" });
  expect(hopAt(traced, "forward")?.text).toContain("chain FORWARD of table ip filter lets it pass");
  expect(answers(world, "c1", "192.168.50.2 80", true)).toBe(true);
});

test("trace says that the pod is gone when its namespace is", async () => {
  await using world = await tracedWorld();
  world.node.sh("ip netns del c1 || true; umount /run/netns/c1 2>/dev/null || true; rm -f /run/netns/c1");
  expect(trace(world.node, "c1")).toMatchObject({ exitCode: 1, last: { at: "pod", advice: "podwire gc" } });
});
