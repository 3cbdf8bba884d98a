/** From nodes to ways, routes and tunnels: pure, so that every case is a line. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAddress } from "../../../src/addr/address.ts";
import { formatPrefix, parsePrefix, prefixesOverlap } from "../../../src/addr/prefix.ts";
import type { ClusterConfig } from "../../../src/cluster/config/config.ts";
import { type PlanInput, planCluster } from "../../../src/cluster/model/plan.ts";
import { claimRanges } from "../../../src/cluster/model/ranges.ts";
import { macOfName } from "../../../src/cluster/nodes/node.ts";

const address = (text: string) => {
  const found = parseAddress(text);
  if (found === undefined) throw new Error(text);
  return found;
};
const prefix = (text: string) => {
  const found = parsePrefix(text);
  if (found === undefined) throw new Error(text);
  return found;
};
const nodeOf = (name: string, addresses: string[], ranges: string[], mtu?: number) => ({
  name,
  addresses: addresses.map(address),
  ranges: ranges.map(prefix),
  mac: macOfName(name),
  ...(mtu === undefined ? {} : { mtu }),
});

const CONFIG: ClusterConfig = {
  nodes: "files",
  transport: "auto",
  vxlan: { vni: 1, port: 8472 },
  mtu: 0,
  podRanges: [],
  masquerade: true,
  masqueradeExcept: [],
};
const OWN = nodeOf("n1", ["192.168.1.1", "fd99::1"], ["10.244.1.0/24", "fd00:1::/64"]);
const UPLINK = { ifindex: 2, ifname: "eth0", mtu: 1500 };

interface Options {
  readonly config?: Partial<ClusterConfig>;
  readonly own?: typeof OWN;
  readonly mtu?: number;
  readonly networks?: PlanInput["nodeNetworks"];
}

/** Nodes with 192.168.1.x and fd99::x are on the link. */
function plan(peers: ReturnType<typeof nodeOf>[], options: Options = {}) {
  const { own = OWN, mtu = 1500, networks = [] } = options;
  const uplink = { ...UPLINK, mtu };
  const near = [prefix("192.168.1.0/24"), prefix("fd99::/64")];
  const uplinks = Object.fromEntries(own.addresses.map((one) => [one.family, { ...uplink, address: one }]));
  return planCluster({
    config: { ...CONFIG, ...options.config },
    peers,
    nodeNetworks: networks,
    surroundings: {
      node: own,
      uplinks,
      linkTo: (to) =>
        near.some((link) => prefixesOverlap(link, { address: to, prefixLength: to.family === 4 ? 32 : 128 }))
          ? uplink
          : undefined,
    },
  });
}

const DUAL = ["10.244.2.0/24", "fd00:2::/64"];
const describe = ({ desired }: ReturnType<typeof plan>) =>
  desired.routes.map(({ dst, kind, device, mtu }) =>
    `${formatPrefix(dst)} ${kind} ${device} ${mtu ?? ""}`.trim(),
  );

test.for([
  [
    "on the link by both families",
    ["192.168.1.2", "fd99::2"],
    {},
    ["10.244.2.0/24 direct 2", "fd00:2::/64 direct 2"],
  ],
  [
    "behind a router",
    ["192.168.2.2", "fd98::2"],
    {},
    ["10.244.2.0/24 tunnel podwire.vx", "fd00:2::/64 tunnel podwire.vx6"],
  ],
  [
    "direct by one family, by tunnel by the other",
    ["192.168.1.2", "fd98::2"],
    {},
    ["10.244.2.0/24 direct 2", "fd00:2::/64 tunnel podwire.vx6"],
  ],
  ["with IPv4 alone", ["192.168.1.2"], {}, ["10.244.2.0/24 direct 2", "fd00:2::/64 tunnel podwire.vx"]],
  ["with IPv6 alone", ["fd99::2"], {}, ["10.244.2.0/24 direct 2", "fd00:2::/64 direct 2"]],
  [
    "always by tunnel",
    ["192.168.1.2", "fd99::2"],
    { transport: "vxlan" },
    ["10.244.2.0/24 tunnel podwire.vx", "fd00:2::/64 tunnel podwire.vx6"],
  ],
  [
    "direct alone",
    ["192.168.2.2", "fd99::2"],
    { transport: "direct" },
    ["10.244.2.0/24 direct 2", "fd00:2::/64 direct 2"],
  ],
] as const)("a node is reached %s", ([, addresses, config, routes]) => {
  expect(describe(plan([nodeOf("n2", [...addresses], DUAL)], { config }))).toEqual(routes);
});

test.for([
  [
    ["192.168.2.2"],
    ["10.244.2.0/24"],
    { transport: "direct" },
    'is not on this link, and "transport" is "direct"',
  ],
  [
    ["192.168.1.2"],
    ["fd00:2::/64"],
    { transport: "direct" },
    'has IPv6 ranges but no IPv6 address, and "transport" is "direct"',
  ],
  [["192.168.1.1"], ["10.244.2.0/24"], {}, "has this node's address 192.168.1.1"],
] as const)("a node at %j with %j is not reached with %j: it %s", ([addresses, ranges, config, problem]) => {
  const { peers, desired } = plan([nodeOf("n2", [...addresses], [...ranges])], { config });
  expect(peers[0]?.problems).toEqual([problem]);
  expect(desired.routes).toEqual([]);
});

test("a node without a family that this node has is not reached", () => {
  const own = nodeOf("n1", ["192.168.1.1"], ["10.244.1.0/24"]);
  const { peers } = plan([nodeOf("n2", ["fd99::2"], ["10.244.2.0/24"])], { own });
  expect(peers[0]?.problems).toEqual(["has no address of a family that this node has"]);
});

test.for([
  ["all on the link", ["192.168.1.2"], {}, 1500, undefined, 1500, undefined],
  ["one behind a router", ["192.168.2.2"], {}, 1500, undefined, 1450, undefined],
  ["IPv6 between nodes", ["fd98::2"], {}, 1500, undefined, 1430, undefined],
  ["jumbo here, not there", ["192.168.1.2"], {}, 9000, 1500, 9000, 1500],
  ["jumbo there, not here", ["192.168.1.2"], {}, 1500, 9000, 1500, undefined],
  ["jumbo here, not behind the router", ["192.168.2.2"], {}, 9000, 1500, 8950, 1450],
  ["as configured", ["192.168.2.2"], { mtu: 1300 }, 1500, undefined, 1300, undefined],
] as const)(
  "pods' MTU and the route's are right with %s",
  ([, addresses, config, mtu, theirs, pods, route]) => {
    const peer = nodeOf("n2", [...addresses], ["10.244.2.0/24"], theirs);
    const { podMtu, desired } = plan([peer], { config, mtu });
    expect([podMtu, desired.routes[0]?.mtu]).toEqual([pods, route]);
  },
);

test("pods' MTU leaves room for tunnels before the first node is known where all go by tunnels", () => {
  expect(plan([], { config: { transport: "vxlan" } }).podMtu).toBe(1430);
  expect(plan([]).podMtu).toBe(1500);
});

test("blackholes are for this node's ranges and for the known ones that no interface is in", () => {
  const podRanges = [prefix("10.244.0.0/16"), prefix("192.168.0.0/16")];
  const networks = [{ ifname: "eth0", prefix: prefix("192.168.1.1/24") }];
  const { desired } = plan([], { config: { podRanges }, networks });
  expect(desired.blackholes.map(formatPrefix)).toEqual(["10.244.0.0/16", "10.244.1.0/24", "fd00:1::/64"]);
});

const anyRange = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 10, max: 28 }))
  .map(([byte, length]) => {
    const shift = BigInt(32 - length);
    const value = ((BigInt(byte) << 20n) >> shift) << shift;
    return { address: { family: 4 as const, value }, prefixLength: length };
  });
const anyPeers = fc
  .array(fc.array(anyRange, { maxLength: 3 }), { maxLength: 12 })
  .map((all) => all.map((ranges, index) => ({ ...nodeOf(`n${index + 2}`, [], []), ranges })));

test("no two granted ranges overlap, and each range that is not granted overlaps one of a node before it", () => {
  fc.assert(
    fc.property(anyPeers, anyRange, (peers, own) => {
      const self = { ...OWN, ranges: [own] };
      const { granted } = claimRanges(self, peers, []);
      const all = [...granted.values()].flat();
      for (const [index, range] of all.entries())
        for (const other of all.slice(index + 1)) expect(prefixesOverlap(range, other)).toBe(false);
      for (const peer of peers)
        for (const range of peer.ranges)
          if (!granted.get(peer.name)?.includes(range))
            expect(all.some((other) => prefixesOverlap(range, other))).toBe(true);
    }),
  );
});
