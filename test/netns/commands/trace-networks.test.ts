/** `podwire trace` from pods on networks by name: past the node's own stack, over a bridge with an uplink and by macvlan. */

import { expect, test } from "vitest";
import { podwire } from "../../support/node/commands.ts";
import { attach } from "../../support/pod/attachment.ts";
import {
  FIRST_DUAL4,
  GATEWAY4,
  GATEWAY6,
  KINDS,
  type Kind,
  Segment,
  WORLD4,
  WORLD6,
} from "../../support/pod/segment.ts";
import { hopAt, trace } from "../../support/traffic/trace.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";

const SECOND_DUAL = ["10.10.120.102", "fd00:120::1002"];
const GATEWAYS = [GATEWAY4, GATEWAY6];
const WORLD = [WORLD4, WORLD6];
const EACH = KINDS.map((kind) => ({ kind }));

/** c1 and c2 on the network `dual`, and servers in them and beyond. */
async function dualSegment(kind: Kind): Promise<Segment> {
  const segment = await Segment.create(kind);
  for (const containerId of ["c1", "c2"]) segment.attach({ containerId, wishes: [{ network: "dual" }] });
  await segment.serve("c1", "c2", "gateway");
  return segment;
}

function isAnswered(segment: Segment, from: string, address: string, isExpected: boolean): boolean {
  return !segment.ask(from, address, isExpected ? {} : IN_VAIN).startsWith("no answer");
}

test.for(EACH)(
  "trace says that pods of a network by $kind reach each other when they do",
  async ({ kind }) => {
    await using segment = await dualSegment(kind);
    for (const address of SECOND_DUAL) {
      const traced = trace(segment.node, `c1 ${address}`);
      expect(traced).toMatchObject({ exitCode: 0, outcome: "arrives" });
      expect(hopAt(traced, "target")?.text).toContain(`eth0 of c2 is up with ${address}`);
      expect(isAnswered(segment, "c1", address, true)).toBe(true);
    }
  },
);

test.for(EACH)(
  "trace says that a pod of a network by $kind leaves by eth1 when it does",
  async ({ kind }) => {
    await using segment = await dualSegment(kind);
    for (const address of [...GATEWAYS, ...WORLD]) {
      const traced = trace(segment.node, `c1 ${address}`);
      expect(traced).toMatchObject({ exitCode: 0, outcome: "leaves", last: { at: "uplink", level: "ok" } });
      expect(traced.last.text).toBe("eth1 is up: it leaves this node there");
      expect(isAnswered(segment, "c1", address, true)).toBe(true);
    }
  },
);

const CUT = [
  { name: "the uplink is down", script: "ip link set eth1 down", bridge: "uplink", macvlan: "port" },
  { name: "the uplink has left the bridge", script: "ip link set eth1 nomaster", bridge: "bridge" },
];

const CUT_ROWS = CUT.flatMap((cut) => KINDS.flatMap((kind) => ({ ...cut, kind, at: cut[kind] }))).filter(
  ({ at }) => at !== undefined,
);

test.for(CUT_ROWS)(
  "trace stops a pod by $kind at $at and its advice mends it when $name",
  async ({ kind, script, at }) => {
    await using segment = await dualSegment(kind);
    segment.node.sh(script);
    const stopped = trace(segment.node, `c1 ${GATEWAY4}`);
    expect(stopped).toMatchObject({ exitCode: 1, outcome: "stopped", last: { at } });
    expect(isAnswered(segment, "c1", GATEWAY4, false)).toBe(false);
    segment.node.sh(stopped.last.advice ?? "");
    expect(isAnswered(segment, "c1", GATEWAY4, true)).toBe(true);
    expect(trace(segment.node, `c1 ${GATEWAY4}`).outcome).toBe("leaves");
  },
);

test.for(EACH)("trace stops a pod by $kind at the uplink when that has no carrier", async ({ kind }) => {
  await using segment = await dualSegment(kind);
  segment.gateway.sh("ip link set eth0 down");
  segment.node.sh("until ip link show eth1 | grep -qE 'state (LOWERLAYER)?DOWN'; do sleep 0.02; done");
  expect(trace(segment.node, `c1 ${GATEWAY4}`)).toMatchObject({ exitCode: 1, last: { at: "uplink" } });
});

test("trace stops a macvlan pod when it is to reach the node on its own uplink", async () => {
  await using segment = await dualSegment("macvlan");
  segment.node.sh("ip address add 10.10.120.3/24 dev eth1");
  await segment.serve("node");
  const { outcome, last } = trace(segment.node, "c1 10.10.120.3");
  expect([outcome, last.at]).toEqual(["stopped", "bridge"]);
  expect(last.text).toContain("10.10.120.3 is the node's own address on eth1");
  expect(isAnswered(segment, "c1", "10.10.120.3", false)).toBe(false);
});

test("trace stops a pod of the node's bridge when it is to reach a macvlan pod by the uplink", async () => {
  await using segment = await dualSegment("macvlan");
  segment.node.sh("ip address add 10.10.120.3/24 dev eth1");
  attach(segment.node, { containerId: "c3", conf: { isDefaultGateway: true } });
  const { outcome, last } = trace(segment.node, `c3 ${FIRST_DUAL4}`);
  expect([outcome, last.at]).toEqual(["stopped", "node"]);
  expect(last.text).toContain("c1 is a macvlan interface of eth1");
  expect(isAnswered(segment, "c3", FIRST_DUAL4, false)).toBe(false);
});

test("trace stops at the route when a pod's network has no gateway", async () => {
  await using segment = await Segment.create("bridge");
  segment.attach({ wishes: [{ network: "data" }] });
  await segment.serve("gateway");
  expect(trace(segment.node, `c1 ${WORLD4}`)).toMatchObject({ exitCode: 1, last: { at: "route" } });
  expect(isAnswered(segment, "c1", WORLD4, false)).toBe(false);
});

/** A pod with eth0 on `web` and eth1 on `side`. */
async function withTwoInterfaces(): Promise<Segment> {
  const segment = await Segment.create("bridge");
  segment.attach({ wishes: [{ network: "web" }, { network: "side" }] });
  await segment.serve("gateway");
  return segment;
}

test.for([
  ["10.10.120.1", "eth0", "eth1"],
  ["10.10.140.1", "eth1", "eth2"],
])(
  "trace leaves by the interface that the pod's routes choose when it goes to %s",
  async ([address, ifname, uplink]) => {
    await using segment = await withTwoInterfaces();
    const traced = trace(segment.node, `c1 ${address}`);
    expect(traced.hops[0]?.text).toMatch(new RegExp(`^${ifname} of c1 is up`));
    expect(traced.last.text).toContain(`${uplink} is up`);
    expect(isAnswered(segment, "c1", address ?? "", true)).toBe(true);
  },
);

test("trace leaves by the interface that is named when --interface is given", async () => {
  await using segment = await withTwoInterfaces();
  const traced = trace(segment.node, `c1 ${WORLD4} --interface eth1`);
  expect(traced.hops[0]?.text).toMatch(/^eth1 of c1 is up/);
  expect(podwire(segment.node, `trace c1 --interface eth7`)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: 'error: the pod has no interface "eth7" of podwire\'s\n  there are: eth0, eth1\n',
  });
});

test("trace goes over IPv6 by itself when the pod has no other address", async () => {
  await using segment = await Segment.create("macvlan");
  segment.attach({ wishes: [{ network: "web6" }] });
  expect(trace(segment.node, "c1").hops[1]?.text).toContain("2001:db8::1 is reached by fd00:120::1 on eth0");
});
