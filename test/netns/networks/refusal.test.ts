/** What cannot be had is refused by name before anything is made: networks, tiers, addresses, uplinks, ports, rates. */

import { expect, test } from "vitest";
import { linkOf, prefixesOf, snapshot } from "../../support/kernel/kernel.ts";
import {
  CONFIG_DIR,
  KINDS,
  type Kind,
  networkFiles,
  Segment,
  type SegmentCall,
} from "../../support/pod/segment.ts";

interface Refusal extends SegmentCall {
  readonly name: string;
  readonly code: number;
  readonly names: readonly string[];
  readonly files?: Readonly<Record<string, object | string>>;
  readonly setup?: string;
  /** Default: both. */
  readonly kinds?: readonly Kind[];
}

const WEB = { network: "web" };
const PORTS = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }] };
const RATE = { bandwidth: { ingressRate: 1_000_000 } };
const FULL =
  "mkdir -p /var/lib/cni/podwire/tiny; printf 'c9\\r\\neth0' > /var/lib/cni/podwire/tiny/10.9.0.10";

function tiny(kind: Kind) {
  const range = { subnet: "10.9.0.0/24", start: "10.9.0.10", end: "10.9.0.10" };
  return { ranges: [range], attach: { kind, uplink: "eth1" }, group: "small" };
}

const refusals: readonly Refusal[] = [
  {
    name: "the network is unknown",
    wishes: [{ network: "wep" }],
    code: 7,
    names: ['"wep"', "data, dual, side, tiny, web, web6"],
  },
  {
    name: "the default network is gone",
    files: { "default-network": "gone\n" },
    code: 7,
    names: ['"gone"', "default-network"],
  },
  {
    name: "the tier is unknown",
    wishes: [{ ...WEB, perfTier: "gold" }],
    code: 7,
    names: ['"gold"', "best-effort, medium, high"],
  },
  {
    name: "the endpoint is unknown",
    wishes: [{ endpointId: "ep1" }],
    code: 7,
    names: ['"ep1"', '"default"'],
  },
  { name: "the group is unknown", wishes: [{ networkGroup: "big" }], code: 7, names: ['"big"', "small"] },
  {
    name: "the range is exhausted",
    setup: FULL,
    wishes: [{ network: "tiny" }],
    code: 11,
    names: ['"tiny"', "10.9.0.10"],
  },
  {
    name: "every range of the group is exhausted",
    setup: FULL,
    wishes: [{ networkGroup: "small" }],
    code: 11,
    names: ['"small"', "tiny"],
  },
  {
    name: "endpoints keep every address",
    files: { "endpoints/a.ep1.json": { network: "tiny", addresses: ["10.9.0.10"] } },
    wishes: [{ network: "tiny" }],
    code: 11,
    names: ['"tiny"'],
  },
  {
    name: "an address out of the range is asked for",
    wishes: [WEB],
    args: "IP=10.10.120.5",
    code: 7,
    names: ['"web"', "10.10.120.5"],
  },
  {
    name: "the uplink is missing",
    setup: "ip link set eth1 name eth5",
    wishes: [WEB],
    code: 7,
    names: ['"eth1"'],
  },
  {
    name: "the uplink has an address of the node",
    setup: "ip address add 192.168.7.1/24 dev eth1",
    wishes: [WEB],
    code: 100,
    names: ['"eth1"', "addresses"],
    kinds: ["bridge"],
  },
  {
    name: "the uplink has an IPv6 address of the node",
    setup: "ip address add fd07::1/64 dev eth1",
    wishes: [WEB],
    code: 100,
    names: ['"eth1"', "addresses"],
    kinds: ["bridge"],
  },
  {
    name: "the uplink is a port of another bridge",
    setup: "ip link add br9 type bridge; ip link set eth1 master br9",
    wishes: [WEB],
    code: 100,
    names: ['"eth1"', "port"],
    kinds: ["bridge"],
  },
  {
    name: "the bridge's name is taken",
    setup: "ip link add pw-eth1 type ifb",
    wishes: [WEB],
    code: 100,
    names: ['"pw-eth1"'],
    kinds: ["bridge"],
  },
  {
    name: "the uplink is smaller than the network's MTU",
    files: { "networks/large.json": { ...networkFiles("bridge").web, mtu: 9000 } },
    wishes: [{ network: "large" }],
    code: 7,
    names: ['"large"', "9000", "1500", '"eth1"'],
    kinds: ["bridge"],
  },
  {
    name: "the uplink is smaller than the network's MTU",
    files: { "networks/large.json": { ...networkFiles("macvlan").web, mtu: 9000 } },
    wishes: [{ network: "large" }],
    code: 7,
    names: ['"large"', "9000", "1500", '"eth1"'],
    kinds: ["macvlan"],
  },
  {
    name: "the uplink carries somebody's macvlan",
    setup: "ip link add somebody link eth1 type macvlan mode bridge; ip link set somebody up",
    wishes: [WEB],
    code: 100,
    names: ['"eth1"', "macvlan"],
    kinds: ["bridge"],
  },
  {
    name: "the uplink is a port of a bridge",
    setup: "ip link add br9 type bridge; ip link set eth1 master br9",
    wishes: [WEB],
    code: 100,
    names: ['"eth1"'],
    kinds: ["macvlan"],
  },
  {
    name: "host ports are asked for",
    wishes: [WEB],
    conf: { runtimeConfig: PORTS },
    code: 7,
    names: ['"web"', "portMappings"],
  },
  {
    name: "a bandwidth cannot be kept",
    wishes: [WEB],
    conf: { runtimeConfig: RATE },
    code: 7,
    names: ['"web"', "bandwidth", "macvlan"],
    kinds: ["macvlan"],
  },
  { name: "the annotation is broken", wishes: ["{web"], code: 7, names: ["diamanti.com/endpoint0"] },
  {
    name: "the network's file is broken",
    files: { "networks/web.json": "{" },
    wishes: [WEB],
    code: 7,
    names: [`${CONFIG_DIR}/networks/web.json`],
  },
  {
    name: "the network's file has a wrong field",
    files: { "networks/web.json": { ...networkFiles("bridge").web, vlan: 4095 } },
    wishes: [WEB],
    code: 7,
    names: [`${CONFIG_DIR}/networks/web.json`, "vlan", "4094"],
  },
  {
    name: "the interface exists in the pod",
    setup: "ip -n c1 link add eth0 type bridge",
    wishes: [WEB],
    code: 100,
    names: ['"eth0"'],
  },
  { name: "the runtime's name comes twice", wishes: [WEB, WEB], ifname: "eth1", code: 7, names: ['"eth1"'] },
  {
    name: "version 0.2.0 cannot express it",
    wishes: [WEB, WEB],
    conf: { cniVersion: "0.2.0" },
    code: 7,
    names: ['"0.2.0"'],
  },
  {
    name: "the pool's directory is read-only",
    setup: "mount -t tmpfs -o ro tmpfs /var/lib/cni",
    wishes: [WEB],
    code: 5,
    names: ["/var/lib/cni/podwire"],
  },
];

const rows = refusals.flatMap((row) => (row.kinds ?? KINDS).map((kind) => ({ ...row, kind })));

/** Whatever is shared and stays: none, where nothing may be made at all. */
const SHARED = ["pw-eth1"];

test.for(rows)("ADD() by $kind gives code $code and leaves nothing when $name", async (row) => {
  const { kind, name: _, code, names, files = {}, setup = "true", kinds: __, ...options } = row;
  await using segment = await Segment.create(kind);
  segment.node.addPod("c1");
  segment.put("networks/tiny.json", tiny(kind));
  for (const [path, content] of Object.entries(files)) segment.put(path, content);
  segment.node.sh(setup);
  const shared = setup.includes("pw-eth1") ? [] : SHARED;
  const before = snapshot(segment.node, shared);
  const error = segment.refuse(options);
  expect(error.code).toBe(code);
  for (const text of names) expect(`${error.msg} ${error.details}`).toContain(text);
  expect(snapshot(segment.node, shared)).toEqual(before);
});

test("ADD() makes no bridge when the uplink has an address of the node", async () => {
  await using segment = await Segment.create();
  segment.node.sh("ip address add 192.168.7.1/24 dev eth1");
  segment.refuse({ wishes: [WEB] });
  expect(linkOf(segment.node, "pw-eth1")).toBeUndefined();
  expect(linkOf(segment.node, "eth1").master).toBeUndefined();
});

test("ADD() succeeds when what was in the way is gone", async () => {
  await using segment = await Segment.create();
  segment.node.sh("ip address add 192.168.7.1/24 dev eth1");
  segment.refuse({ wishes: [WEB] });
  segment.node.sh("ip address del 192.168.7.1/24 dev eth1");
  segment.attach({ wishes: [WEB] });
  expect(prefixesOf(segment.node, "eth0", "c1")).toHaveLength(1);
});

test("ADD() takes an uplink with addresses of the node when the network attaches by macvlan", async () => {
  await using segment = await Segment.create("macvlan");
  segment.node.sh("ip address add 10.10.120.5/24 dev eth1");
  segment.attach({ wishes: [WEB] });
  expect(segment.node.sh("ping -c 1 -W 1 10.10.120.1")).toContain("1 received");
});

test("ADD() limits what the pod gets when it has a bandwidth and its network attaches by bridge", async () => {
  await using segment = await Segment.create();
  const { interfaces } = segment.attach({ wishes: [WEB], conf: { runtimeConfig: RATE } });
  const [queue] = segment.node.json(`tc -j qdisc show dev ${interfaces[1].name}`);
  expect([queue.kind, queue.options.rate * 8]).toEqual(["tbf", 1_000_000]);
});

test("ADD() opens host ports of a pod that wants no network when there is a default", async () => {
  await using segment = await Segment.create();
  segment.put("default-network", "web\n");
  const annotations = { "io.kubernetes.cri.pod-annotations": { "diamanti.com/endpoint": "none" } };
  segment.attach({ conf: { runtimeConfig: { ...PORTS, ...annotations } } });
  await segment.serve("c1");
  segment.node.sh("ip address add 192.168.7.1/24 dev lo");
  expect(segment.node.sh("nft list ruleset")).toContain("8080");
});
