/** Performance tiers of pods on networks by name: how fast real bytes leave the node, and that rates go with their pods. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { call, ensurePod } from "../../support/pod/attachment.ts";
import { KINDS, Segment, segmentRemains } from "../../support/pod/segment.ts";
import { throughputOf, throughputsOf } from "../../support/traffic/throughput.ts";

const GATEWAY = "10.10.120.1";
const SLOW = { minIops: 0, minBandwidthMbps: 5, maxBandwidthMbps: 20 };

async function withTiers(kind: "bridge" | "macvlan" = "bridge"): Promise<Segment> {
  const segment = await Segment.create(kind);
  segment.put("perf-tiers/slow.json", SLOW);
  return segment;
}

function toGateway({ node, gateway }: Segment, from = "c1") {
  return throughputOf(node, { from, to: "node", at: gateway, address: GATEWAY });
}

/** The limit counts whole frames, of which TCP payload is some 5 % less. */
function expectAbout(bitsPerSecond: number, mbps: number): void {
  expect(bitsPerSecond / 1e6).toBeGreaterThan(mbps * 0.85);
  expect(bitsPerSecond / 1e6).toBeLessThan(mbps * 1.15);
}

test.for(KINDS)(
  "ADD() keeps what a pod by %s sends below its tier's maximum when bytes flow",
  async (kind) => {
    await using segment = await withTiers(kind);
    segment.attach({ wishes: [{ network: "web", perfTier: "slow" }] });
    expectAbout(await toGateway(segment), 20);
  },
);

test("ADD() limits each pod of a tier for itself when two send at once", async () => {
  await using segment = await withTiers();
  for (const containerId of ["c1", "c2"])
    segment.attach({ containerId, wishes: [{ network: "web", perfTier: "slow" }] });
  const flows = ["c1", "c2"].map((from) => ({ from, to: "node", at: segment.gateway, address: GATEWAY }));
  const [first = 0, second = 0] = await throughputsOf(segment.node, flows);
  expectAbout(first, 20);
  expectAbout(second, 20);
});

test("ADD() limits no pod of the best-effort tier when another pod has a maximum", async () => {
  await using segment = await withTiers();
  segment.attach({ wishes: [{ network: "web", perfTier: "slow" }], containerId: "c2" });
  segment.attach({ wishes: [{ network: "web" }] });
  expect((await toGateway(segment)) / 1e6).toBeGreaterThan(40);
});

test("ADD() takes the tier of CNI_ARGS when the configuration names the network", async () => {
  await using segment = await withTiers();
  segment.attach({ conf: { network: "web" }, args: "PODWIRE_PERF_TIER=slow" });
  expectAbout(await toGateway(segment), 20);
});

test("ADD() gives code 7 naming it when CNI_ARGS or the configuration name a tier and there are no networks", async () => {
  await using node = await Node.create();
  ensurePod(node);
  for (const given of [{ args: "PODWIRE_PERF_TIER=slow" }, { conf: { perfTier: "slow" } }]) {
    const { json } = call(node, "ADD", given);
    expect(json).toMatchObject({
      code: 7,
      msg: expect.stringContaining('"slow" is asked for, and no network'),
    });
  }
});

test("ADD() gives code 11 naming the uplink when what its pods are guaranteed would be more than it carries", async () => {
  await using segment = await withTiers();
  segment.put("perf-tiers/half.json", { minIops: 0, minBandwidthMbps: 6000 });
  const wishes = [{ network: "web", perfTier: "half" }];
  segment.attach({ wishes });
  const { code, msg } = segment.refuse({ wishes, containerId: "c2" });
  expect(code).toBe(11);
  for (const named of ['"eth1"', "6000", "10000"]) expect(msg).toContain(named);
  segment.call("DEL", { wishes });
  segment.attach({ wishes, containerId: "c2" });
});

const changes = [
  { name: "the queue is gone", script: "tc qdisc del dev eth1 root", names: '"eth1"' },
  {
    name: "the class has another rate",
    script: "tc class change dev eth1 parent 7077:2 classid CLASS htb rate 5mbit ceil 50mbit",
    names: "50",
  },
];

test.for(changes)(
  "CHECK() fails with code 102 and names the uplink when $name",
  async ({ script, names }) => {
    await using segment = await withTiers();
    const wishes = [{ network: "web", perfTier: "slow" }];
    const prevResult = segment.attach({ wishes });
    const passed = segment.call("CHECK", { wishes, conf: { prevResult } });
    const classes = segment.node.sh("tc class show dev eth1 | grep 'parent 7077:2 '");
    segment.node.sh(script.replace("CLASS", classes.split(" ")[2] ?? ""));
    const failed = segment.call("CHECK", { wishes, conf: { prevResult } });
    expect([passed.exitCode, failed.json?.code]).toEqual([0, 102]);
    expect(failed.json.msg).toContain(names);
  },
);

test.for(KINDS)(
  "DEL() by %s takes the rate along when the pod goes, and the queue with the last",
  async (kind) => {
    await using segment = await withTiers(kind);
    const wishes = [{ network: "web", perfTier: "slow" }];
    for (const containerId of ["c1", "c2"]) segment.attach({ wishes, containerId });
    segment.call("DEL", { containerId: "c1" });
    expect(segment.node.sh("tc class show dev eth1 | grep -c 'parent 7077:2 '")).toBe("1\n");
    segment.call("DEL", { containerId: "c2" });
    expect(segmentRemains(segment)).toEqual([]);
    expect(segment.node.sh("tc qdisc show dev eth1")).not.toContain("htb");
  },
);
