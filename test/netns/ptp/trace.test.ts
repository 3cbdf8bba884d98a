/** `podwire trace` and `podwire doctor` in mode ptp: what they say of packets that pass and of those that do not. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { createServingNode, troubles } from "../../support/node/doctor-node.ts";
import { ADDRESSES, answers, FAMILIES, hopAt, trace, tracedWorld } from "../../support/traffic/trace.ts";
import { NODE4 } from "../../support/traffic/traffic-world.ts";

/** c1 and c2 have pairs of their own, c3 is on the bridge cni1. */
const world = (fields: object = {}, other: object = {}) => tracedWorld({ mode: "ptp", ...fields }, other);

const WAYS = [
  {
    name: "a pod of its network",
    from: "c1",
    to: "c2",
    outcome: "arrives",
    at: ["port", "node", "target", "reply"],
  },
  { name: "a pod on a bridge", from: "c1", to: "c3", outcome: "arrives", at: ["node", "target", "reply"] },
  {
    name: "it from a bridge",
    from: "c3",
    to: "c1",
    outcome: "arrives",
    at: ["bridge", "node", "target", "reply"],
  },
  { name: "its gateway", from: "c1", to: "gateway", outcome: "arrives", at: ["node", "reply"] },
  { name: "the node's address", from: "c1", to: "node", outcome: "arrives", at: ["node", "reply"] },
  {
    name: "a host outside",
    from: "c1",
    to: "outside",
    outcome: "leaves",
    at: ["node", "masquerade", "uplink"],
  },
] as const;

const BOTH = WAYS.flatMap((way) => FAMILIES.map((family) => ({ ...way, family })));

test.for(BOTH)("trace says that a packet reaches $name over $family when it does", async (row) => {
  await using traced = await world({ ipMasq: true }, { isDefaultGateway: true });
  const address = ADDRESSES[row.to]?.[row.family] ?? "";
  const seen = trace(traced.node, `${row.from} ${address}`);
  expect(seen).toMatchObject({ exitCode: 0, outcome: row.outcome });
  expect(seen.hops.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(seen.hops.map(({ at }) => at)).toEqual(expect.arrayContaining([...row.at]));
  expect(answers(traced, row.from, `${address} 80`, true)).toBe(true);
});

test("trace leads a packet to a host port into the pod, from another and from itself", async () => {
  await using traced = await world();
  for (const from of ["c1", "c2"]) {
    const seen = trace(traced.node, `${from} ${NODE4} --port 8080`);
    expect(seen).toMatchObject({ exitCode: 0, outcome: "arrives" });
    expect(hopAt(seen, "hostport")?.text).toContain("becomes 10.1.0.3 port 80/tcp");
    expect(answers(traced, from, `${NODE4} 8080`, true)).toBe(true);
  }
});

interface Fault {
  readonly name: string;
  readonly script: string;
  /** Absent: c2. */
  readonly to?: string;
  readonly at: string;
  readonly advice: string;
}

/** `HOST` stands for the name of c1's end on the node, `OTHER` for that of c2's. */
const FAULTS: readonly Fault[] = [
  {
    name: "the node's end is down",
    script: "ip link set HOST down",
    at: "port",
    advice: "ip link set dev HOST up",
  },
  {
    name: "a bridge has taken the node's end",
    script: "ip link add br9 up type bridge; ip link set HOST master br9",
    at: "port",
    advice: "ip link set dev HOST nomaster",
  },
  {
    name: "the other pod's end is a port of a bridge",
    script: "ip link add br9 up type bridge; ip link set OTHER master br9",
    at: "port",
    advice: "ip link set dev OTHER nomaster",
  },
  {
    name: "the node's end has lost its IPv4 address, and the kernel took the route with it",
    script: "ip address del 10.1.0.1/32 dev HOST",
    at: "reply",
    advice: "ip route replace 10.1.0.2/32 dev HOST",
  },
  {
    name: "the node's end has lost its IPv6 address",
    script: "ip address del fd00:1::1/128 dev HOST",
    to: "fd00:1::3",
    at: "node",
    advice: "ip address add fd00:1::1/128 dev HOST",
  },
  {
    name: "the way back is gone",
    script: "ip route del 10.1.0.2; ip route add 10.1.0.2 via 192.168.50.2",
    at: "reply",
    advice: "ip route replace 10.1.0.2/32 dev HOST",
  },
];

test.for(FAULTS)("trace names what stops a packet, and its advice mends it, when $name", async (row) => {
  await using traced = await world();
  const end = (pod: string) =>
    traced.node
      .json("ip -j link show type veth")
      .find(({ ifalias }: { ifalias?: string }) => ifalias === `podwire mynet/${pod}/eth0`).ifname;
  const named = (text: string) => text.replaceAll("HOST", end("c1")).replaceAll("OTHER", end("c2"));
  traced.node.sh(named(row.script));
  const stopped = trace(traced.node, `c1 ${row.to ?? "10.1.0.3"}`);
  expect(stopped).toMatchObject({ exitCode: 1, outcome: "stopped" });
  expect(stopped.last).toMatchObject({ at: row.at, level: "fault", advice: named(row.advice) });
  traced.node.sh(named(row.advice));
  if (row.advice.endsWith("up")) return; // routes went with the interface
  expect(trace(traced.node, `c1 ${row.to ?? "10.1.0.3"}`).outcome).toBe("arrives");
});

test("trace says that isolated pods take nothing from each other", async () => {
  await using traced = await world({ ingressPolicy: "isolated" });
  const stopped = trace(traced.node, "c1 10.1.0.3");
  expect(stopped.outcome).toBe("stopped");
  expect(stopped.last.advice).toContain("ingressPolicy");
  expect(answers(traced, "c1", "10.1.0.3 80", false)).toBe(false);
});

const INSTALLED = "--set mode=ptp --set bridge= --set hairpinMode=false";

test("doctor finds nothing wrong when a node serves pods of the mode", async () => {
  await using node = await createServingNode(INSTALLED);
  expect(node.sh("ip link show type bridge")).toBe("");
  expect(troubles(node)).toEqual([]);
});

test("doctor tells of forwarding that is off, and of what a pod has lost", async () => {
  await using node = await createServingNode(INSTALLED);
  const [first] = node
    .json("ip -j link show type veth")
    .filter(({ ifalias }: { ifalias?: string }) => ifalias?.includes("/c1/"));
  node.sh(`sysctl -qw net.ipv4.ip_forward=0; ip route del 10.244.0.2 dev ${first.ifname}`);
  const texts = troubles(node).flatMap(({ text, details }) => [text, ...details]);
  expect(texts).toContainEqual(expect.stringContaining("ip_forward"));
  expect(texts).toContainEqual(`route to 10.244.0.2/32 by "${first.ifname}" is missing`);
  expect(linkOf(node, first.ifname)).toBeDefined();
});
