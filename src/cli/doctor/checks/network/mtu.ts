/** The largest packet along the way: pod, bridge, its other ports, uplink, tunnels. */

import { isMark } from "../../../../attachment/attachment.ts";
import type { Link } from "../../../../link/link.ts";
import type { ListedRoute } from "../../../../link/route.ts";
import type { Facts } from "../../facts.ts";
import { type Check, type Finding, fault, orOk, warning } from "../../finding.ts";
import { isPodOf, type OwnNetwork, placeOf, titleOf } from "../../own-network.ts";
import { type DefaultRoute, defaultsOf } from "../host/sysctls.ts";

const GROUP = "mtu";

export const MTU_CHECKS: readonly Check[] = [
  {
    group: GROUP,
    name: "bridges",
    run: ({ links, records }) =>
      judgePorts(
        links(),
        records().flatMap(({ bridge }) => bridge ?? []),
      ),
  },
  {
    group: GROUP,
    name: "uplinks",
    run: (facts) =>
      judgeWays(
        facts
          .own()
          .filter(({ isGateway }) => isGateway)
          .map((network) => toPods(network, facts)),
        waysOf(facts),
      ),
  },
];

/** Ports of one bridge that would drop each other's largest packets without a word. */
export function judgePorts(links: readonly Link[], bridges: readonly string[]): Finding[] {
  const troubles = [...new Set(bridges)].flatMap((name) => {
    const bridge = links.find(({ ifname, kind }) => ifname === name && kind === "bridge");
    const ports = links.filter(({ master }) => bridge !== undefined && master === bridge.ifindex);
    const least = Math.min(...ports.map(({ mtu }) => mtu));
    const larger = ports.filter(({ mtu }) => mtu > least);
    if (larger.length === 0) return [];
    const smaller = ports.find(({ mtu }) => mtu === least);
    return [
      fault(
        `ports of bridge "${name}" have MTUs of ${least} to ${Math.max(...ports.map(({ mtu }) => mtu))} bytes`,
        {
          details: ports.map(
            ({ ifname, mtu, ifalias }) => `${ifname}: ${mtu}${isMark(ifalias) ? `, ${ifalias}` : ""}`,
          ),
          meaning: `packets of more than ${least} bytes to ${smaller?.ifname} are dropped: connections open, then hang`,
          command:
            "delete the pods with the other MTU, so that they are made anew with that of the configuration",
        },
      ),
    ];
  });
  return orOk(troubles, "ports of each bridge have one MTU");
}

/** An interface that pods' packets leave the node by. */
export interface Way {
  readonly ifname: string;
  /** Bytes. */
  readonly mtu: number;
  /** Where it leads to: `the world`, or the network of a tunnel. */
  readonly to: string;
}

/** Kinds of interfaces whose packets are wrapped into others. */
const TUNNELS = [
  "vxlan",
  "geneve",
  "ipip",
  "sit",
  "gre",
  "gretap",
  "ip6tnl",
  "ip6gre",
  "wireguard",
  "tun",
  "xfrm",
];

function waysOf({ links, routes }: Facts): Way[] {
  const all = links();
  const out = defaultsOf(routes(), all).filter(({ isMain }: DefaultRoute) => isMain);
  const outside = all.filter(({ ifname }) => out.some((way) => way.ifname === ifname));
  const used = new Set(routes().map(({ ifindex }: ListedRoute) => ifindex));
  const tunnels = all.filter(({ kind, ifindex }) => TUNNELS.includes(kind) && used.has(ifindex));
  return [
    ...outside.map(({ ifname, mtu }) => ({ ifname, mtu, to: "the world" })),
    ...tunnels.map(({ ifname, mtu, kind }) => ({ ifname, mtu, to: `the far ends of a ${kind} tunnel` })),
  ];
}

/** How large the packets are that a network's pods send. */
export interface PodSize {
  /** Name of the bridge; without one, of the network. */
  readonly bridge: string;
  /** `plugins[0] of /etc/cni/net.d/10-podwire.conflist` */
  readonly place: string;
  /** Bytes: the largest of those that are there, or that of the next one; 0 where it is that of the default route. */
  readonly mtu: number;
}

function toPods(network: OwnNetwork, { living }: Facts): PodSize {
  const own = living().filter((record) => isPodOf(record, network));
  return {
    bridge: network.bridge ?? titleOf(network),
    place: placeOf(network),
    mtu: Math.max(network.mtu, ...own.flatMap(({ mtu }) => mtu ?? [])),
  };
}

export function judgeWays(pods: readonly PodSize[], ways: readonly Way[]): Finding[] {
  const troubles = pods.flatMap(({ bridge, place, mtu }) =>
    ways
      .filter((way) => way.mtu < mtu)
      .map((way) =>
        warning(`pods of "${bridge}" send packets of ${mtu} bytes, "${way.ifname}" takes ${way.mtu}`, {
          meaning: `where ICMP is filtered larger packets to ${way.to} get lost: connections open, then hang`,
          command: `set "mtu": ${way.mtu} in ${place}, and delete the pods to have them made anew`,
        }),
      ),
  );
  return orOk(
    troubles,
    "pods' packets fit the ways out of the node",
    ways.map(({ ifname, mtu, to }) => `${ifname}: ${mtu} bytes to ${to}`),
  );
}
