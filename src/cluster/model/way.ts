/** How packets get to another node's pods, for each family of theirs. */

import type { Address, Family } from "../../addr/address.ts";
import type { Transport } from "../config/config.ts";
import { addressOf, type ClusterNode } from "../nodes/node.ts";

/** The interface that other nodes are reached by. */
export interface Uplink {
  readonly ifindex: number;
  readonly ifname: string;
  /** Bytes. */
  readonly mtu: number;
}

/** One of them, for a family of addresses. */
export interface OwnUplink extends Uplink {
  /** The interface's own: another than the node's where that is translated on the way. */
  readonly address: Address;
}

/** What this node is, and what its kernel says of the way to others. */
export interface Surroundings {
  readonly node: ClusterNode;
  /** By family of the node's address. */
  readonly uplinks: Readonly<Partial<Record<Family, OwnUplink>>>;
  /** The interface by which a node is on the link; undefined where a router is between, or nothing leads there. */
  linkTo(address: Address): Uplink | undefined;
}

export type Way =
  | {
      readonly kind: "direct";
      readonly via: Address;
      readonly uplink: Uplink;
      readonly mtu: number;
    }
  | {
      readonly kind: "vxlan";
      /** The other end. */
      readonly to: Address;
      readonly mtu: number;
    }
  | { readonly kind: "none"; readonly reason: string };

/** Bytes that VXLAN puts around a packet: outer IP header, UDP, VXLAN and Ethernet headers (RFC 7348). */
export const VXLAN_OVERHEAD = { 4: 50, 6: 70 } as const;

/** `family`: of the pods' addresses. */
export function wayTo(
  peer: ClusterNode,
  family: Family,
  surroundings: Surroundings,
  transport: Transport,
): Way {
  // By its own family where both nodes have one.
  const common = ([family, family === 4 ? 6 : 4] as const).flatMap((outer) => {
    const to = addressOf(peer, outer);
    const uplink = surroundings.uplinks[outer];
    return to === undefined || uplink === undefined ? [] : [{ outer, to, uplink }];
  });
  const [first] = common;
  if (first === undefined) return { kind: "none", reason: "has no address of a family that this node has" };
  const mtuBy = ({ mtu }: Uplink) => Math.min(mtu, peer.mtu ?? mtu);
  if (transport !== "vxlan") {
    for (const { outer, to } of common) {
      const link = canBeGateway(outer, family) ? surroundings.linkTo(to) : undefined;
      if (link !== undefined) return { kind: "direct", via: to, uplink: link, mtu: mtuBy(link) };
    }
    if (transport === "direct") return { kind: "none", reason: whyNotDirect(family, common) };
  }
  return { kind: "vxlan", to: first.to, mtu: mtuBy(first.uplink) - VXLAN_OVERHEAD[first.outer] };
}

/** IPv4 may go by an IPv6 router (RFC 5549), not the other way round. */
function canBeGateway(outer: Family, family: Family): boolean {
  return outer === family || family === 4;
}

function whyNotDirect(family: Family, common: readonly { outer: Family }[]): string {
  return common.some(({ outer }) => canBeGateway(outer, family))
    ? 'is not on this link, and "transport" is "direct"'
    : `has IPv${family} ranges but no IPv${family} address, and "transport" is "direct"`;
}
