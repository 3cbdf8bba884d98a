/** CHECK of pods on networks by name: passes after ADD, and names each single thing that was changed since. */

import { expect, test } from "vitest";
import { KINDS, type Kind, networkFiles, Segment, type SegmentCall } from "../../support/pod/segment.ts";

const TWO = { wishes: [{ network: "dual" }, { network: "data" }] };
const passed = { exitCode: 0, stdout: "", stderr: "" };

/** CHECK with the result of an ADD, as the runtime's cache has it. */
function check(segment: Segment, prevResult: object, { conf, ...options }: SegmentCall = TWO) {
  return segment.call("CHECK", { ...options, conf: { ...conf, prevResult } });
}

const versions = ["0.4.0", "1.0.0", "1.1.0"];

test.for(KINDS.flatMap((kind) => versions.map((cniVersion) => ({ kind, cniVersion }))))(
  "CHECK() passes in version $cniVersion when nothing has changed since ADD by $kind",
  async ({ kind, cniVersion }) => {
    await using segment = await Segment.create(kind);
    const options = { ...TWO, conf: { cniVersion } };
    expect(check(segment, segment.attach(options), options)).toMatchObject(passed);
  },
);

interface Change {
  readonly name: string;
  readonly script: string;
  readonly names: string;
  /** Default: both. */
  readonly kinds?: readonly Kind[];
}

/** `HOST0` and `HOST1` stand for the names of the veth ends on the host. */
const changes: readonly Change[] = [
  {
    name: "the first address is gone",
    script: "ip -n c1 address del 10.10.120.101/24 dev eth0",
    names: "10.10.120.101/24",
  },
  {
    name: "the IPv6 address is gone",
    script: "ip -n c1 address del fd00:120::1001/64 dev eth0",
    names: "fd00:120::1001/64",
  },
  {
    name: "the second interface's address is gone",
    script: "ip -n c1 address del 10.10.130.11/24 dev eth1",
    names: "10.10.130.11/24",
  },
  {
    name: "the default route is gone",
    script: "ip -n c1 route del default",
    names: "0.0.0.0/0 via 10.10.120.1",
  },
  {
    name: "the IPv6 default route is gone",
    script: "ip -n c1 -6 route del default",
    names: "::/0 via fd00:120::1",
  },
  {
    name: "the default route leads elsewhere",
    script: "ip -n c1 route replace default via 10.10.120.77",
    names: "0.0.0.0/0 via 10.10.120.1",
  },
  {
    name: "the first interface is down",
    script: "ip -n c1 link set eth0 down",
    names: '"eth0" in the container is down',
  },
  {
    name: "the second interface is down",
    script: "ip -n c1 link set eth1 down",
    names: '"eth1" in the container is down',
  },
  { name: "the first interface is gone", script: "ip -n c1 link del eth0", names: '"eth0" does not exist' },
  { name: "the second interface is gone", script: "ip -n c1 link del eth1", names: '"eth1" does not exist' },
  {
    name: "the first interface's MAC is another",
    script: "ip -n c1 link set eth0 address 02:00:00:00:00:01",
    names: "02:00:00:00:00:01",
  },
  {
    name: "the second interface's MAC is another",
    script: "ip -n c1 link set eth1 address 02:00:00:00:00:01",
    names: "02:00:00:00:00:01",
  },
  {
    name: "the first interface's MTU is another",
    script: "ip -n c1 link set eth0 mtu 1400",
    names: "MTU 1400",
  },
  { name: "the uplink is down", script: "ip link set eth1 down", names: '"eth1" is down' },
  {
    name: "a reservation is gone",
    script: "rm /var/lib/cni/podwire/dual/10.10.120.101",
    names: "10.10.120.101",
  },
  {
    name: "the second reservation is another's",
    script: "printf 'c9\\r\\neth1' > /var/lib/cni/podwire/data/10.10.130.11",
    names: "c9",
  },
  {
    name: "the uplink left the bridge",
    script: "ip link set eth1 nomaster",
    names: 'no port of "pw-eth1"',
    kinds: ["bridge"],
  },
  { name: "the uplink is missing", script: "ip link set eth1 name eth5", names: '"eth1" does not exist' },
  {
    name: "the bridge is down",
    script: "ip link set pw-eth1 down",
    names: '"pw-eth1" is down',
    kinds: ["bridge"],
  },
  {
    name: "the bridge is gone",
    script: "ip link del pw-eth1",
    names: '"pw-eth1" does not exist',
    kinds: ["bridge"],
  },
  { name: "the first host end is down", script: "ip link set HOST0 down", names: "HOST0", kinds: ["bridge"] },
  {
    name: "the second host end is down",
    script: "ip link set HOST1 down",
    names: "HOST1",
    kinds: ["bridge"],
  },
  {
    name: "the second host end left the bridge",
    script: "ip link set HOST1 nomaster",
    names: "HOST1",
    kinds: ["bridge"],
  },
  {
    name: "another interface carries it",
    script:
      "ip link add other type veth peer name rest; ip -n c1 link del eth0; ip link add eth0 link other netns c1 type macvlan mode bridge",
    names: '"eth0" in the container is not carried by "eth1"',
    kinds: ["macvlan"],
  },
];

const rows = changes.flatMap((row) => (row.kinds ?? KINDS).map((kind) => ({ ...row, kind })));

test.for(rows)(
  "CHECK() by $kind fails with code 102 and names it when $name",
  async ({ kind, script, names }) => {
    await using segment = await Segment.create(kind);
    const result = segment.attach(TWO);
    const ends = result.interfaces
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name.startsWith("veth"));
    const named = (text: string) =>
      ends.reduce((sum: string, end: string, i: number) => sum.replaceAll(`HOST${i}`, end), text);
    segment.node.sh(named(script));
    const checked = check(segment, result);
    expect([checked.exitCode, checked.json?.code]).toEqual([1, 102]);
    expect(checked.json.msg).toContain(named(names));
  },
);

test("CHECK() names the second interface's default route when that alone is gone", async () => {
  await using segment = await Segment.create();
  const options = { wishes: [{ network: "web" }, { network: "web", metric: 200 }] };
  const result = segment.attach(options);
  segment.node.sh("ip -n c1 route del default metric 200");
  const { json } = check(segment, result, options);
  expect(json.code).toBe(102);
  expect(json.msg).toContain("0.0.0.0/0");
});

const harmless: readonly { readonly name: string; readonly change: (segment: Segment) => void }[] = [
  { name: "the default network is another", change: (segment) => segment.put("default-network", "web\n") },
  { name: "the network's range was extended", change: (segment) => extend(segment) },
  {
    name: "the network of another pod is broken",
    change: (segment) => segment.put("networks/web.json", "{"),
  },
  { name: "another pod came", change: (segment) => segment.attach({ ...TWO, containerId: "c2" }) },
];

function extend(segment: Segment): void {
  const { data } = networkFiles("bridge");
  const range = { subnet: "10.10.130.0/24", start: "10.10.130.11", end: "10.10.130.200" };
  segment.put("networks/data.json", { ...data, ranges: [range] });
}

test.for(harmless)("CHECK() passes when $name", async ({ change }) => {
  await using segment = await Segment.create();
  const result = segment.attach(TWO);
  change(segment);
  expect(check(segment, result)).toMatchObject(passed);
});

test("CHECK() looks at what ADD made when the annotations were changed", async () => {
  await using segment = await Segment.create();
  const result = segment.attach(TWO);
  expect(check(segment, result, { wishes: [{ network: "web" }] })).toMatchObject(passed);
});

test("CHECK() of a pod by a group passes when another member would be chosen today", async () => {
  await using segment = await Segment.create();
  const { web, data } = networkFiles("bridge");
  segment.put("networks/web.json", { ...web, group: "g" });
  segment.put("networks/data.json", { ...data, group: "g" });
  const options = { wishes: [{ networkGroup: "g" }] };
  const result = segment.attach(options);
  expect(check(segment, result, options)).toMatchObject(passed);
});

test("CHECK() gives code 7 with the network's name when its file is gone", async () => {
  await using segment = await Segment.create();
  const result = segment.attach(TWO);
  segment.node.sh("rm /run/net.d/networks/data.json");
  const { json } = check(segment, result);
  expect(json.code).toBe(7);
  expect(json.msg).toContain('"data"');
});

test("CHECK() passes when the record is gone", async () => {
  await using segment = await Segment.create();
  const result = segment.attach(TWO);
  segment.node.sh("rm -r /run/podwire/mynet");
  expect(check(segment, result)).toMatchObject(passed);
});
