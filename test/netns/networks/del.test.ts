/** DEL of pods on networks by name: every interface and address goes, whatever is left of record, namespace and files. */

import { expect, test } from "vitest";
import { linkOf, links } from "../../support/kernel/kernel.ts";
import { KINDS, Segment, type SegmentCall, segmentRemains } from "../../support/pod/segment.ts";

const TWO = { wishes: [{ network: "dual" }, { network: "data" }] };
const done = { exitCode: 0, stdout: "" };

interface Loss extends SegmentCall {
  readonly name: string;
  readonly script?: string;
}

/** DEL gets the configuration and annotations of ADD where a row says nothing else. */
const losses: readonly Loss[] = [
  { name: "nothing has changed" },
  { name: "CNI_NETNS is empty", netns: "" },
  { name: "the namespace is gone", script: "ip netns del c1" },
  { name: "the namespace is gone and CNI_NETNS is empty", script: "ip netns del c1", netns: "" },
  { name: "the networks' files are gone", script: "rm -r /run/net.d/networks" },
  { name: "the whole directory of networks is gone", script: "rm -r /run/net.d" },
  {
    name: "the networks' files are broken",
    script: "echo { > /run/net.d/networks/dual.json; echo { > /run/net.d/networks/data.json",
  },
  {
    name: "the networks have other ranges",
    script: "sed -i 's/10[.]10[.]1[23]0/10.99.0/g' /run/net.d/networks/*.json",
  },
  { name: "the networks have another uplink", script: "sed -i s/eth1/eth9/ /run/net.d/networks/*.json" },
  {
    name: "the networks attach in another way",
    script:
      'sed -i \'s/"kind":"[a-z]*"/"kind":"sriov","pfs":["pf0"]/; s/,"uplink":"eth1"//\' /run/net.d/networks/*.json',
  },
  { name: "the annotations are gone", wishes: [] },
  { name: "the annotations are broken", wishes: ["{"] },
  { name: "the configuration names no directory", conf: { configDir: undefined } },
  { name: "the configuration has no addresses of its own", conf: { ipam: undefined } },
  { name: "the first interface is gone", script: "ip -n c1 link del eth0" },
  { name: "the second interface is gone", script: "ip -n c1 link del eth1" },
  { name: "the second record is gone", script: "rm /run/podwire/mynet/c1:eth1.json" },
  { name: "the first record is gone", script: "rm /run/podwire/mynet/c1:eth0.json" },
  { name: "the first record is cut off", script: "truncate -s 40 /run/podwire/mynet/c1:eth0.json" },
  { name: "both records are gone", script: "rm /run/podwire/mynet/c1:*.json" },
  { name: "the whole directory of records is gone", script: "rm -r /run/podwire" },
  {
    name: "both records are gone and CNI_NETNS is empty and the pod too",
    script: "rm /run/podwire/mynet/c1:*.json; ip netns del c1",
    netns: "",
  },
  { name: "the reservations are gone", script: "rm -r /var/lib/cni/podwire" },
  { name: "the uplink is gone", script: "ip link set eth1 down; ip link set eth1 name eth5" },
  { name: "an uplink is down", script: "ip link set eth1 down" },
];

const rows = KINDS.flatMap((kind) => losses.map((row) => ({ kind, ...row })));

test.for(rows)("DEL() by $kind removes everything, twice with success, when $name", async (row) => {
  const { kind, name: _, script = "true", ...options } = row;
  await using segment = await Segment.create(kind);
  segment.attach(TWO);
  segment.node.sh(script);
  expect(segment.call("DEL", { ...TWO, ...options })).toMatchObject(done);
  segment.node.sh("ip link set eth5 name eth1 2>/dev/null || true");
  expect(segmentRemains(segment)).toEqual([]);
  expect(segment.call("DEL", { ...TWO, ...options })).toMatchObject(done);
});

test.for(KINDS)(
  "DEL() by %s removes everything when it gets the result of ADD and no record is left",
  async (kind) => {
    await using segment = await Segment.create(kind);
    const prevResult = segment.attach(TWO);
    segment.node.sh("rm -r /run/podwire");
    expect(segment.call("DEL", { ...TWO, conf: { prevResult } })).toMatchObject(done);
    expect(segmentRemains(segment)).toEqual([]);
  },
);

test("DEL() leaves the other pods of the network alone when one goes", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  segment.attach({ ...TWO, containerId: "c2" });
  await segment.serve("c2", "gateway");
  segment.call("DEL", TWO);
  expect(segment.ask("c2", "10.10.120.1")).toBe("gateway 10.10.120.102");
  expect(segment.ask("gateway", "10.10.130.12")).toBe("c2 10.10.130.1");
});

test("DEL() leaves another pod's reservation alone when it has the address now", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  segment.node.sh("printf 'c9\\r\\neth1' > /var/lib/cni/podwire/data/10.10.130.11; rm -r /run/podwire");
  expect(segment.call("DEL", TWO)).toMatchObject(done);
  expect(segment.node.sh("ls /var/lib/cni/podwire/data")).toContain("10.10.130.11");
});

test("DEL() keeps the bridge and its uplink when the last pod goes", async () => {
  await using segment = await Segment.create();
  segment.attach(TWO);
  segment.call("DEL", TWO);
  expect(linkOf(segment.node, "eth1").master).toBe("pw-eth1");
});

test("DEL() removes what the pod has on its own bridge when it wants a network by now", async () => {
  await using segment = await Segment.create();
  segment.attach();
  segment.put("default-network", "web\n");
  expect(segment.call("DEL", TWO)).toMatchObject(done);
  expect(segmentRemains(segment)).toEqual([]);
});

test("DEL() of a container frees its addresses for the next when the range has one", async () => {
  await using segment = await Segment.create();
  const range = { subnet: "10.9.0.0/24", start: "10.9.0.10", end: "10.9.0.10" };
  segment.put("networks/tiny.json", { ranges: [range], attach: { kind: "bridge", uplink: "eth1" } });
  const wishes = [{ network: "tiny" }];
  segment.attach({ wishes });
  segment.call("DEL", { wishes });
  expect(segment.attach({ wishes, containerId: "c2" }).ips[0].address).toBe("10.9.0.10/24");
});

test("DEL() keeps an interface of the pod that somebody else made when no record is left", async () => {
  await using segment = await Segment.create();
  segment.node.addPod("c1");
  segment.node.sh("ip -n c1 link add eth0 type bridge; ip -n c1 link add eth1 type bridge");
  expect(segment.call("DEL", TWO)).toMatchObject(done);
  expect(links(segment.node, "c1").map(({ ifname }) => ifname)).toEqual(["lo", "eth0", "eth1"]);
});
