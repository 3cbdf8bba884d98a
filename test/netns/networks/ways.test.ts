/** Every way of asking for a network, on a node: what the pod then has, and what it has where it asks for none. */

import { expect, test } from "vitest";
import { annotated } from "../../support/fixtures/annotations.ts";
import { linkOf, links, prefixesOf, routesOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { call, ensurePod } from "../../support/pod/attachment.ts";
import { CONFIG_DIR, Segment, type SegmentCall } from "../../support/pod/segment.ts";

const WEB = ["10.10.120.11/24"];
const OWN = ["10.1.0.2/16"];

const ways: readonly (SegmentCall & {
  readonly name: string;
  readonly want: string[];
  readonly default?: string;
})[] = [
  { name: "an annotation names it", wishes: [{ network: "web" }], want: WEB },
  { name: "it is the default network", default: "web", want: WEB },
  { name: "CNI_ARGS name it", args: "PODWIRE_NETWORK=web", want: WEB },
  {
    name: "CNI_ARGS name it beside a tier",
    args: "PODWIRE_NETWORK=web;PODWIRE_PERF_TIER=best-effort",
    want: WEB,
  },
  {
    name: "CNI_ARGS name it as a kubelet's do",
    args: "IgnoreUnknown=1;K8S_POD_NAMESPACE=a;PODWIRE_NETWORK=web",
    want: WEB,
  },
  { name: "args.cni names it", conf: { args: { cni: { network: "web" } } }, want: WEB },
  { name: "the field network names it", conf: { network: "web" }, want: WEB },
  { name: "the default is another", default: "data", wishes: [{ network: "web" }], want: WEB },
  { name: "nothing names one", want: OWN },
  {
    name: "the pod wants none",
    default: "web",
    conf: annotated({ "diamanti.com/endpoint": "none" }),
    want: OWN,
  },
  { name: "CNI_ARGS want none", default: "web", args: "PODWIRE_NETWORK=none", want: OWN },
];

test.for(ways)(
  "ADD() gives the pod $want when $name",
  async ({ name: _, want, default: byDefault, ...call }) => {
    await using segment = await Segment.create();
    if (byDefault !== undefined) segment.put("default-network", `${byDefault}\n`);
    const { ips } = segment.attach(call);
    expect(ips.map(({ address }: { address: string }) => address)).toEqual(want);
    expect(prefixesOf(segment.node, "eth0", "c1")).toEqual(want);
  },
);

test("ADD() makes the same of a pod that wants no network when there are no networks at all", async () => {
  await using segment = await Segment.create();
  await using plain = await Node.create();
  segment.put("default-network", "web\n");
  const own = segment.attach({ conf: annotated({ "diamanti.com/endpoint": "none" }) });
  ensurePod(plain);
  const { json } = call(plain, "ADD", { conf: { isDefaultGateway: true } });
  const withoutBridge = ({ interfaces: [, ...ends], ...rest }: typeof own) => ({ ...rest, ends });
  expect(withoutBridge(own)).toEqual(withoutBridge(json));
  expect(linkOf(segment.node, "pw-eth1")).toBeUndefined();
  expect(linkOf(segment.node, "eth1").master).toBeUndefined();
  expect(segment.node.sh("ls /var/lib/cni")).toBe(plain.sh("ls /var/lib/cni"));
});

test("ADD() reads networks below /etc/cni/net.d/podwire.d when the configuration names no directory", async () => {
  await using segment = await Segment.create();
  segment.node.sh(`mkdir -p /etc/cni; mount -t tmpfs tmpfs /etc/cni; mkdir -p /etc/cni/net.d
    cp -r ${CONFIG_DIR} /etc/cni/net.d/podwire.d; rm -r ${CONFIG_DIR}`);
  segment.attach({ wishes: [{ network: "web" }], conf: { configDir: undefined } });
  expect(prefixesOf(segment.node, "eth0", "c1")).toEqual(WEB);
});

test("ADD() makes one bridge for the pods of all networks of an uplink when they come one by one", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: [{ network: "web" }] });
  const bridge = linkOf(segment.node, "pw-eth1");
  segment.attach({ wishes: [{ network: "data" }], containerId: "c2" });
  expect(linkOf(segment.node, "pw-eth1").ifindex).toBe(bridge.ifindex);
  const ports = links(segment.node).filter(({ master }) => master === "pw-eth1");
  expect(ports.map(({ ifname }) => ifname)).toContain("eth1");
  expect(ports).toHaveLength(3);
});

test("ADD() gives the bridge on an uplink no address when it makes it", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: [{ network: "dual" }] });
  expect(segment.node.json("ip -j address show dev pw-eth1")[0].addr_info).toEqual([]);
});

test.for<[kind: "bridge" | "macvlan", mtu: number | undefined, want: number]>([
  ["bridge", undefined, 1450],
  ["bridge", 1400, 1400],
  ["macvlan", undefined, 1450],
  ["macvlan", 1400, 1400],
])(
  "ADD() gives a pod by %s the network's MTU of %s as %s when the uplink has 1450",
  async ([kind, mtu, want]) => {
    await using segment = await Segment.create(kind);
    segment.node.sh("ip link set eth1 mtu 1450");
    const { subnet, start, end } = { subnet: "10.9.0.0/24", start: "10.9.0.10", end: "10.9.0.20" };
    segment.put("networks/sized.json", {
      ranges: [{ subnet, start, end }],
      mtu,
      attach: { kind, uplink: "eth1" },
    });
    segment.attach({ wishes: [{ network: "sized" }] });
    expect(linkOf(segment.node, "eth0", "c1").mtu).toBe(want);
  },
);

test("ADD() gives a macvlan interface beside the uplink when the network attaches so", async () => {
  await using segment = await Segment.create("macvlan");
  segment.attach({ wishes: [{ network: "web" }] });
  const { linkinfo, link_index, operstate, ifalias } = linkOf(segment.node, "eth0", "c1");
  expect(linkinfo).toMatchObject({ info_kind: "macvlan", info_data: { mode: "bridge" } });
  expect(link_index).toBe(linkOf(segment.node, "eth1").ifindex);
  expect([operstate, ifalias]).toEqual(["UP", "podwire mynet/c1/eth0"]);
});

test("ADD() sets the uplink up when it is down", async () => {
  for (const kind of ["bridge", "macvlan"] as const) {
    await using segment = await Segment.create(kind);
    segment.node.sh("ip link set eth1 down");
    segment.attach({ wishes: [{ network: "web" }] });
    expect(linkOf(segment.node, "eth1").flags).toContain("UP");
  }
});

test("ADD() takes an uplink that has a link-local address when it makes the bridge", async () => {
  await using segment = await Segment.create();
  segment.node.sh("ip address add fe80::1/64 dev eth1 nodad");
  segment.attach({ wishes: [{ network: "web" }] });
  expect(linkOf(segment.node, "eth1").master).toBe("pw-eth1");
});

test("ADD() gives both routes of a family their own gateway when the networks are dual stack", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: [{ network: "dual" }] });
  const defaults = ([4, 6] as const).map((family) =>
    routesOf(segment.node, "c1", family).filter(({ dst }) => dst === "default"),
  );
  expect(defaults).toMatchObject([[{ gateway: "10.10.120.1" }], [{ gateway: "fd00:120::1" }]]);
});
