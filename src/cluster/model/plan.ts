/** From the nodes of a cluster to what this node's kernel needs: without history, the same for the same nodes. */

import type { Family } from "../../addr/address.ts";
import { formatPrefix, networkOf, type Prefix, prefixesOverlap } from "../../addr/prefix.ts";
import type { ClusterConfig } from "../config/config.ts";
import type { ClusterNode } from "../nodes/node.ts";
import type { Desired, Tunnel } from "./desired.ts";
import { type Peer, type PlannedPeer, planOnce, planPeer, TUNNEL_NAMES, tunnelAddressOf } from "./peer.ts";
import { claimRanges, type NodeNetwork, type Refusal } from "./ranges.ts";
import { type Surroundings, VXLAN_OVERHEAD } from "./way.ts";

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

function problemsOf(refusals: readonly Refusal[], { name }: ClusterNode): string[] {
  return refusals.filter(({ node }) => node === name).map(({ problem }) => problem);
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
