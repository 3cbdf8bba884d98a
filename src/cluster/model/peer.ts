/** One of the other nodes: how it is reached, and what the kernel needs for it. */

import { type Address, type Family, formatAddress, sameAddress } from "../../addr/address.ts";
import { familiesOf, networkOf, type Prefix } from "../../addr/prefix.ts";
import type { ClusterConfig } from "../config/config.ts";
import type { ClusterNode } from "../nodes/node.ts";
import type { PeerRoute, TunnelPeer } from "./desired.ts";
import { type Surroundings, VXLAN_OVERHEAD, type Way, wayTo } from "./way.ts";

/** Names of the tunnels by the family of the nodes' addresses. */
export const TUNNEL_NAMES = { 4: "podwire.vx", 6: "podwire.vx6" } as const;

export function isTunnelName(ifname: string): boolean {
  return Object.values<string>(TUNNEL_NAMES).includes(ifname);
}

/** How one of the others is reached. */
export interface Peer {
  readonly node: ClusterNode;
  /** One for each family of its ranges. */
  readonly ways: readonly { readonly family: Family; readonly way: Way }[];
  /** What a person must mend; none where all its pods are reached. */
  readonly problems: readonly string[];
}

/** A peer with what the kernel needs for it. */
export interface PlannedPeer extends Peer {
  readonly routes: readonly PeerRoute[];
  readonly tunnelPeers: Readonly<Record<Family, TunnelPeer | undefined>>;
}

/** What was worked out before in the same surroundings: of thousands of nodes one changes at a time. */
const known = new WeakMap<Surroundings, Map<string, WeakMap<ClusterNode, PlannedPeer>>>();

export function planOnce(peer: ClusterNode, surroundings: Surroundings, config: ClusterConfig): PlannedPeer {
  const byTransport = known.get(surroundings) ?? new Map<string, WeakMap<ClusterNode, PlannedPeer>>();
  known.set(surroundings, byTransport);
  const byNode = byTransport.get(config.transport) ?? new WeakMap<ClusterNode, PlannedPeer>();
  byTransport.set(config.transport, byNode);
  const planned = byNode.get(peer) ?? planPeer(peer, peer.ranges, [], surroundings, config);
  byNode.set(peer, planned);
  return planned;
}

/** `ranges`: those that are the node's; `refusals`: why others are not. */
export function planPeer(
  node: ClusterNode,
  ranges: readonly Prefix[],
  refusals: readonly string[],
  surroundings: Surroundings,
  { transport }: ClusterConfig,
): PlannedPeer {
  const families = familiesOf(ranges);
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
export function tunnelAddressOf(ranges: readonly Prefix[], family: Family): Address | undefined {
  const first = ranges.find(({ address }) => address.family === family);
  return first && networkOf(first).address;
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
