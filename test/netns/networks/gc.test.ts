/** GC of pods on networks by name: companions of valid pods stay, all of invalid ones goes. */

import { expect, test } from "vitest";
import { linkOf, links, prefixesOf, stateFiles } from "../../support/kernel/kernel.ts";
import { KINDS, Segment, type SegmentCall, segmentRemains } from "../../support/pod/segment.ts";

const TWO = { wishes: [{ network: "dual" }, { network: "data" }] };
const done = { exitCode: 0, stdout: "" };
const C1 = { containerID: "c1", ifname: "eth0" };

/** As a runtime calls it: without annotations. */
function gc(segment: Segment, valid: readonly object[], { conf, ...options }: SegmentCall = {}) {
  return segment.call("GC", { ...options, conf: { ...conf, "cni.dev/valid-attachments": valid } });
}

/** What the pods of the segment can be told by. */
function stateOf({ node }: Segment, pod: string) {
  const files = Object.entries(stateFiles(node)).filter(([, text]) => text.includes(pod));
  return {
    links: links(node, pod).map(({ ifname, address }) => [ifname, address]),
    prefixes: ["eth0", "eth1"].map((ifname) => prefixesOf(node, ifname, pod)),
    files,
  };
}

test.for(KINDS)("GC() by %s keeps both interfaces of a pod when its first is listed", async (kind) => {
  await using segment = await Segment.create(kind);
  segment.attach(TWO);
  const kept = stateOf(segment, "c1");
  segment.attach({ ...TWO, containerId: "c2" });
  expect(gc(segment, [C1])).toMatchObject(done);
  expect(stateOf(segment, "c1")).toEqual(kept);
  expect(links(segment.node, "c2").map(({ ifname }) => ifname)).toEqual(["lo"]);
  expect(Object.keys(stateFiles(segment.node)).filter((path) => path.includes("c2"))).toEqual([]);
});

const losses = [
  { name: "nothing has changed", script: "true" },
  { name: "the namespace is gone", script: "ip netns del c1" },
  { name: "the networks' files are gone", script: "rm -r /run/net.d" },
  { name: "a network's file is broken", script: "echo { > /run/net.d/networks/dual.json" },
  { name: "the first record is gone", script: "rm /run/podwire/mynet/c1:eth0.json" },
  { name: "the second record is gone", script: "rm /run/podwire/mynet/c1:eth1.json" },
  { name: "the second record is garbled", script: "echo x > /run/podwire/mynet/c1:eth1.json" },
  { name: "all records and the pod are gone", script: "rm -r /run/podwire; ip netns del c1" },
  { name: "the reservations are gone", script: "rm -r /var/lib/cni/podwire" },
];

test.for(KINDS.flatMap((kind) => losses.map((row) => ({ kind, ...row }))))(
  "GC() by $kind removes all of a pod when it is not listed and $name",
  async ({ kind, script }) => {
    await using segment = await Segment.create(kind);
    segment.attach(TWO);
    segment.node.sh(script);
    expect(gc(segment, [])).toMatchObject(done);
    expect(segmentRemains(segment)).toEqual([]);
  },
);

test("GC() keeps a pod's second interface when it is listed and the second record is gone", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  segment.node.sh("rm /run/podwire/mynet/c1:eth1.json");
  const kept = stateOf(segment, "c1");
  expect(gc(segment, [C1])).toMatchObject(done);
  expect(stateOf(segment, "c1")).toEqual(kept);
});

test("GC() keeps all of a pod when it is listed and every record is gone", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  segment.node.sh("rm -r /run/podwire");
  const kept = stateOf(segment, "c1");
  expect(gc(segment, [C1])).toMatchObject(done);
  expect(stateOf(segment, "c1")).toEqual(kept);
});

test("GC() frees the addresses of a pod for the next when the range has one", async () => {
  await using segment = await Segment.create();
  const range = { subnet: "10.9.0.0/24", start: "10.9.0.10", end: "10.9.0.10" };
  segment.put("networks/tiny.json", { ranges: [range], attach: { kind: "bridge", uplink: "eth1" } });
  const wishes = [{ network: "tiny" }];
  segment.attach({ wishes });
  gc(segment, []);
  expect(segment.attach({ wishes, containerId: "c2" }).ips[0].address).toBe("10.9.0.10/24");
});

test("GC() leaves pods of another network of the runtime alone when its own list is empty", async () => {
  await using segment = await Segment.create();
  const other = { ...TWO, containerId: "c2", conf: { name: "other" } };
  segment.attach(other);
  const kept = stateOf(segment, "c2");
  segment.attach(TWO);
  expect(gc(segment, [])).toMatchObject(done);
  expect(stateOf(segment, "c2")).toEqual(kept);
});

test("GC() takes no address of another network of the runtime when a record of that is gone", async () => {
  await using segment = await Segment.create();
  segment.attach({ ...TWO, containerId: "c2", conf: { name: "other" } });
  segment.attach({ wishes: [{ network: "web" }], containerId: "c3", conf: { name: "other" } });
  segment.node.sh("rm /run/podwire/other/c2:*.json");
  expect(gc(segment, [])).toMatchObject(done);
  expect(segment.node.sh("ls /var/lib/cni/podwire/dual")).toContain("10.10.120.101");
});

test("GC() removes nothing when the list is absent", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  const kept = stateOf(segment, "c1");
  expect(segment.call("GC")).toMatchObject(done);
  expect(stateOf(segment, "c1")).toEqual(kept);
});

test("GC() takes the bridge away and gives the uplink back when the last network on it is gone", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  segment.node.sh("rm -r /run/net.d/networks");
  gc(segment, [C1]);
  expect(linkOf(segment.node, "eth1").master).toBe("pw-eth1");
  gc(segment, []);
  expect(linkOf(segment.node, "pw-eth1")).toBeUndefined();
  expect(linkOf(segment.node, "eth1").master).toBeUndefined();
});

test.for(["eui64", "none", "random"])(
  "GC() gives the uplink its link-local addresses of mode %s back when the bridge goes",
  async (mode) => {
    await using segment = await Segment.create();
    const modeOf = () => segment.node.json("ip -j -d link show dev eth1")[0].inet6_addr_gen_mode;
    segment.node.sh(`ip link set eth1 addrgenmode ${mode}`);
    for (const pod of ["c1", "c2"]) {
      segment.attach({ ...TWO, containerId: pod });
      expect([pod, modeOf()]).toEqual([pod, "none"]);
    }
    segment.node.sh("rm -r /run/net.d/networks");
    gc(segment, []);
    expect(modeOf()).toBe(mode);
  },
);

test("GC() keeps the bridge when its pods are gone and a network names the uplink", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  gc(segment, []);
  expect(linkOf(segment.node, "eth1").master).toBe("pw-eth1");
});
