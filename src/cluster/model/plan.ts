/** From the nodes of a cluster to what this node's kernel needs: without history, the same for the same nodes. */

import { type Address, type Family, formatAddress, sameAddress } from "../../addr/address.ts";
import { formatPrefix, networkOf, type Prefix, prefixesOverlap } from "../../addr/prefix.ts";
import type { ClusterConfig } from "../config/config.ts";
import type { ClusterNode } from "../nodes/node.ts";
import type { Desired, PeerRoute, Tunnel, TunnelPeer } from "./desired.ts";
import { claimRanges, type NodeNetwork, type Refusal } from "./ranges.ts";
import { type Surroundings, VXLAN_OVERHEAD, type Way, wayTo } from "./way.ts";

/** How one of the others is reached. */
export interface Peer {
  readonly node: ClusterNode;
  /** One for each family of its ranges. */
  readonly ways: readonly { readonly family: Family; readonly way: Way }[];
  /** What a person must mend; none where all its pods are reached. */
  readonly problems: readonly string[];
}

export interface Plan {
  readonly desired: Desired;
  readonly peers: readonly Peer[];
  /** Of this node itself. */
  readonly problems: readonly string[];
  /** Bytes of new pods' interfaces; undefined where no uplink is known. */
  readonly podMtu: number | undefined;
}

export interface PlanInput {
  readonly config: ClusterConfig;
  readonly surroundings: Surroundings;
  /** Without this node. */
  readonly peers: readonly ClusterNode[];
  /** Those of this node's pods apart: no route of the cluster may cover one. */
  readonly nodeNetworks: readonly NodeNetwork[];
}

/** Names of the tunnels by the family of the nodes' addresses. */
export const TUNNEL_NAMES = { 4: "podwire.vx", 6: "podwire.vx6" } as const;

export function planCluster({ config, surroundings, peers, nodeNetworks }: PlanInput): Plan {
  const { node } = surroundings;
  const { granted, refusals } = claimRanges(node, peers, nodeNetworks);
  const planned = peers.map((peer) => {
    const ranges = granted.get(peer.name) ?? [];
    return ranges.length === peer.ranges.length
      ? planOnce(peer, surroundings, config)
      : planPeer(peer, ranges, problemsOf(refusals, peer), surroundings, config);
  });
  const isFree = (prefix: Prefix) => !nodeNetworks.some((one) => prefixesOverlap(prefix, one.prefix));
  return {
    desired: {
      tunnels: planTunnels(planned, surroundings, config),
      routes: planned.flatMap(({ routes }) => routes),
      blackholes: distinct([...config.podRanges.filter(isFree), ...node.ranges]),
      clusterRanges: [...config.podRanges, ...[...granted.values()].flat()],
      unmasqueraded: config.masqueradeExcept,
    },
    peers: planned,
    problems: problemsOf(refusals, node),
    podMtu: podMtuOf(planned, surroundings, config),
  };
}

/** A peer with what the kernel needs for it. */
interface PlannedPeer extends Peer {
  readonly routes: readonly PeerRoute[];
  readonly tunnelPeers: Readonly<Record<Family, TunnelPeer | undefined>>;
}

/** What was worked out before in the same surroundings: of thousands of nodes one changes at a time. */
const known = new WeakMap<Surroundings, Map<string, WeakMap<ClusterNode, PlannedPeer>>>();

function planOnce(peer: ClusterNode, surroundings: Surroundings, config: ClusterConfig): PlannedPeer {
  const byTransport = known.get(surroundings) ?? new Map<string, WeakMap<ClusterNode, PlannedPeer>>();
  known.set(surroundings, byTransport);
  const byNode = byTransport.get(config.transport) ?? new WeakMap<ClusterNode, PlannedPeer>();
  byTransport.set(config.transport, byNode);
  const planned = byNode.get(peer) ?? planPeer(peer, peer.ranges, [], surroundings, config);
  byNode.set(peer, planned);
  return planned;
}

function problemsOf(refusals: readonly Refusal[], { name }: ClusterNode): string[] {
  return refusals.filter(({ node }) => node === name).map(({ problem }) => problem);
}

function planPeer(
  node: ClusterNode,
  ranges: readonly Prefix[],
  refusals: readonly string[],
  surroundings: Surroundings,
  { transport }: ClusterConfig,
): PlannedPeer {
  const families = ([4, 6] as const).filter((family) =>
    ranges.some(({ address }) => address.family === family),
  );
  const clash = node.addresses.find((address) =>
    surroundings.node.addresses.some((own) => sameAddress(own, address)),
  );
  if (clash !== undefined && families.length > 0) {
    const problems = [`has this node's address ${formatAddress(clash)}`, ...refusals];
    return { node, ways: [], problems, routes: [], tunnelPeers: { 4: undefined, 6: undefined } };
  }
  const ways = families.map((family) => ({ family, way: wayTo(node, family, surroundings, transport) }));
  const reasons = ways.flatMap(({ way }) => (way.kind === "none" ? [way.reason] : []));
  const peer = { node, ways, problems: [...new Set([...reasons, ...refusals])] };
  return {
    ...peer,
    routes: routesOf(peer, ranges, surroundings),
    tunnelPeers: { 4: tunnelPeer(peer, 4, ranges), 6: tunnelPeer(peer, 6, ranges) },
  };
}

/** The network address of the node's first range of the family: no pod has it. */
function tunnelAddressOf(ranges: readonly Prefix[], family: Family): Address | undefined {
  const first = ranges.find(({ address }) => address.family === family);
  return first && networkOf(first).address;
}

function planTunnels(
  peers: readonly PlannedPeer[],
  surroundings: Surroundings,
  { vxlan, transport }: ClusterConfig,
): Tunnel[] {
  const { node, uplinks } = surroundings;
  return ([4, 6] as const).flatMap((outer) => {
    const uplink = uplinks[outer];
    if (uplink === undefined) return [];
    const others = peers.flatMap(({ tunnelPeers }) => tunnelPeers[outer] ?? []);
    if (others.length === 0 && !(transport === "vxlan" && isMain(outer, node))) return [];
    return {
      ...vxlan,
      ifname: TUNNEL_NAMES[outer],
      mac: node.mac,
      local: uplink.address,
      lower: uplink.ifindex,
      mtu: uplink.mtu - VXLAN_OVERHEAD[outer],
      addresses: ([4, 6] as const).flatMap((family) => tunnelAddressOf(node.ranges, family) ?? []),
      peers: others,
    };
  });
}

/** The family that tunnels go by where nothing else is known yet. */
function isMain(outer: Family, { addresses }: ClusterNode): boolean {
  return addresses[0]?.family === outer;
}

function tunnelPeer({ node, ways }: Peer, outer: Family, ranges: readonly Prefix[]): TunnelPeer | undefined {
  const own = ways.filter(({ way }) => way.kind === "vxlan" && way.to.family === outer);
  const [first] = own;
  if (first?.way.kind !== "vxlan") return undefined;
  const gateways = own.flatMap(({ family }) => tunnelAddressOf(ranges, family) ?? []);
  return { mac: node.mac, node: first.way.to, gateways };
}

function routesOf({ ways }: Peer, ranges: readonly Prefix[], { uplinks }: Surroundings): PeerRoute[] {
  return ranges.flatMap((dst): PeerRoute[] => {
    const { family } = dst.address;
    const way = ways.find((one) => one.family === family)?.way;
    if (way === undefined || way.kind === "none") return [];
    if (way.kind === "direct") {
      const { via: gateway, uplink, mtu } = way;
      return [{ kind: "direct", dst, gateway, device: uplink.ifindex, mtu: less(mtu, uplink.mtu) }];
    }
    const gateway = tunnelAddressOf(ranges, family);
    const outer = way.to.family;
    const tunnelMtu = (uplinks[outer]?.mtu ?? 0) - VXLAN_OVERHEAD[outer];
    if (gateway === undefined) return [];
    return [{ kind: "tunnel", dst, gateway, device: TUNNEL_NAMES[outer], mtu: less(way.mtu, tunnelMtu) }];
  });
}

function less(mtu: number, whole: number): number | undefined {
  return mtu < whole ? mtu : undefined;
}

/** What passes the narrowest kind of way in use; each route says what is less with one peer. */
function podMtuOf(
  peers: readonly Peer[],
  { uplinks }: Surroundings,
  config: ClusterConfig,
): number | undefined {
  if (config.mtu !== 0) return config.mtu;
  const whole = ([4, 6] as const).flatMap((family) => {
    const uplink = uplinks[family];
    return uplink === undefined ? [] : [{ family, mtu: uplink.mtu }];
  });
  if (whole.length === 0) return undefined;
  const outers = new Set(
    peers.flatMap(({ ways }) => ways.flatMap(({ way }) => (way.kind === "vxlan" ? [way.to.family] : []))),
  );
  const isTunnelled = (family: Family) => config.transport === "vxlan" || outers.has(family);
  return Math.min(
    ...whole.map(({ family, mtu }) => (isTunnelled(family) ? mtu - VXLAN_OVERHEAD[family] : mtu)),
  );
}

function distinct(prefixes: readonly Prefix[]): Prefix[] {
  return [
    ...new Map(prefixes.map((prefix) => [formatPrefix(networkOf(prefix)), networkOf(prefix)])).values(),
  ];
}
