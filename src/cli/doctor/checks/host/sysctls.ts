/** Kernel parameters of the node that pods' traffic depends on. */

import type { Family } from "../../../../addr/address.ts";
import { familiesOf } from "../../../../addr/prefix.ts";
import { ingressOfRecord } from "../../../../attachment/rules/ingress.ts";
import type { Link } from "../../../../link/link.ts";
import type { ListedRoute } from "../../../../link/route.ts";
import { ensureSysctl } from "../../../../linux/sysctl.ts";
import { RT_TABLE_MAIN, RTPROT_RA } from "../../../../netlink/route/route.ts";
import type { Facts } from "../../facts.ts";
import { type Check, type Finding, fault, ok, orOk, warning } from "../../finding.ts";
import { isPodOf, type OwnNetwork } from "../../own-network.ts";
import { readFirewallFor } from "../network/firewall.ts";

const GROUP = "sysctls";

export const SYSCTL_CHECKS: readonly Check[] = [
  { group: GROUP, name: "forwarding", run: (facts) => judgeForwarding(gatewaysOf(facts), facts.sysctl) },
  { group: GROUP, name: "ipv6", run: ({ own, links, sysctl }) => judgeIpv6(own(), links(), sysctl) },
  {
    group: GROUP,
    name: "accept_ra",
    run: ({ own, links, routes, sysctl }) =>
      judgeAdvertisements(own(), defaultsOf(routes(), links()), sysctl),
  },
  {
    group: GROUP,
    name: "rp_filter",
    run: ({ links, routes, sysctl }) => judgeReversePath(defaultsOf(routes(), links()), sysctl),
  },
  {
    group: GROUP,
    name: "bridge-nf",
    run: ({ own, sysctl }) => judgeBridgeNf(own(), readFirewallFor(own()).hasKubeProxy, sysctl),
  },
];

type Sysctl = Facts["sysctl"];

/** An interface of a gateway network that has pods now, and the families that it routes. */
export interface Gateway {
  readonly ifnames: readonly string[];
  readonly families: readonly Family[];
  /** No ADD turns it on, and nor do we. */
  readonly leavesForwarding: boolean;
}

/** With the interfaces that replies come in by. */
function gatewaysOf({ own, living, links, routes }: Facts): Gateway[] {
  const uplinks = defaultsOf(routes(), links());
  return own()
    .filter(({ isGateway }) => isGateway)
    .map((network) => ({ network, pods: living().filter((record) => isPodOf(record, network)) }))
    .filter(({ pods }) => pods.length > 0)
    .map(({ network, pods }) => {
      const families = familiesOf(network.subnets);
      const replies = uplinks.filter(({ family }) => families.includes(family)).map(({ ifname }) => ifname);
      return {
        ifnames: [...new Set([...pods.map((record) => ingressOfRecord(record).ifname), ...replies])],
        families,
        leavesForwarding: network.leavesForwarding,
      };
    });
}

/** A way out of the node. */
export interface DefaultRoute {
  readonly ifname: string;
  readonly family: Family;
  readonly isMain: boolean;
  /** By a router's advertisement: it ends when none is taken any more. */
  readonly isAdvertised: boolean;
}

export function defaultsOf(routes: readonly ListedRoute[], links: readonly Link[]): DefaultRoute[] {
  return routes
    .filter(({ dst }) => dst.prefixLength === 0)
    .flatMap(({ dst, ifindex, table, protocol }) => {
      const link = links.find((candidate) => candidate.ifindex === ifindex);
      if (link === undefined) return [];
      const isAdvertised = protocol === RTPROT_RA;
      return [
        { ifname: link.ifname, family: dst.address.family, isMain: table === RT_TABLE_MAIN, isAdvertised },
      ];
    });
}

/** ADD turns forwarding on, or says that it is off: where there are no pods it need not be. */
export function judgeForwarding(gateways: readonly Gateway[], sysctl: Sysctl): Finding[] {
  const lacking = gateways.filter((gateway) => keysOff(gateway, sysctl).length > 0);
  const off = [...new Set(lacking.flatMap((gateway) => keysOff(gateway, sysctl)))];
  if (off.length === 0)
    return [ok(gateways.length === 0 ? "no pod needs forwarding now" : "the node forwards pods' packets")];
  return [
    fault(`${off.map(dotted).join(", ")} ${off.length === 1 ? "is" : "are"} 0`, {
      meaning: "pods reach nothing beyond the node, and are not reached by host ports from outside",
      command: `sysctl ${off.map((key) => `-w ${dotted(key)}=1`).join(" ")}`,
      ...(lacking.some(({ leavesForwarding }) => leavesForwarding) ? {} : { fix: () => turnOn(off) }),
    }),
  ];
}

/** Setting the parameter of the node sets those of its interfaces. */
function keysOff({ families, ifnames }: Gateway, sysctl: Sysctl): string[] {
  return families.flatMap((family) => {
    const conf = `net/ipv${family}/conf`;
    const ofNode = family === 4 ? "net/ipv4/ip_forward" : `${conf}/all/forwarding`;
    if (sysctl(ofNode) === "0") return [ofNode];
    return ifnames.map((ifname) => `${conf}/${ifname}/forwarding`).filter((key) => sysctl(key) === "0");
  });
}

function turnOn(keys: readonly string[]): string[] {
  return keys.flatMap((key) => (ensureSysctl(key, "1") ? [`set ${dotted(key)} to 1`] : []));
}

/** As sysctl(8) takes it, where a dot in an interface's name stands as a slash. */
export function dotted(key: string): string {
  return key.replace(/[/.]/g, (sign) => (sign === "/" ? "." : "/"));
}

export function judgeIpv6(own: readonly OwnNetwork[], links: readonly Link[], sysctl: Sysctl): Finding[] {
  const wanted = own.filter((network) => familiesOf(network.subnets).includes(6));
  const troubles = wanted.flatMap(({ entry, name }) => {
    const isThere = links.some(({ ifname }) => ifname === entry);
    const key = `net/ipv6/conf/${isThere ? entry : "default"}/disable_ipv6`;
    const value = sysctl(key);
    if (value === "0") return [];
    const isMissing = value === undefined;
    return [
      fault(isMissing ? "this kernel has no IPv6" : `${dotted(key)} is ${value}`, {
        meaning: `network "${name}" has IPv6 addresses: its ADDs fail, or its pods find no gateway`,
        command: isMissing
          ? "boot without ipv6.disable=1, or take the IPv6 range out of the configuration"
          : `sysctl -w ${dotted(key)}=0`,
      }),
    ];
  });
  return orOk(
    troubles,
    wanted.length === 0 ? "no network has IPv6 addresses" : "IPv6 is on where networks have its addresses",
  );
}

/** A router, which the node becomes by forwarding, takes advertisements only where accept_ra is 2. */
export function judgeAdvertisements(
  own: readonly OwnNetwork[],
  defaults: readonly DefaultRoute[],
  sysctl: Sysctl,
): Finding[] {
  const isRouter = own.some((network) => network.isGateway && familiesOf(network.subnets).includes(6));
  const advertised = defaults.filter(({ isAdvertised }) => isRouter && isAdvertised);
  const troubles = advertised
    .filter(({ ifname }) => sysctl(`net/ipv6/conf/${ifname}/accept_ra`) === "1")
    .map(({ ifname }) => {
      const key = dotted(`net/ipv6/conf/${ifname}/accept_ra`);
      return warning(`${key} is 1, and the default route comes from a router's advertisement`, {
        meaning:
          "once the node forwards it takes no more of them: it loses its default route some minutes later",
        command: `sysctl -w ${key}=2`,
      });
    });
  return orOk(troubles, "no default route depends on advertisements that forwarding would end");
}

/** Matters where packets may come in by another interface than the one that leads to their sender. */
export function judgeReversePath(defaults: readonly DefaultRoute[], sysctl: Sysctl): Finding[] {
  const ways = defaults.filter(({ family }) => family === 4);
  const ifnames = [...new Set(ways.map(({ ifname }) => ifname))];
  const isManifold = ifnames.length > 1 || ways.some(({ isMain }) => !isMain);
  const strict = ifnames.filter((ifname) => strictnessOf(ifname, sysctl) === 1);
  if (!isManifold || strict.length === 0)
    return [
      ok(isManifold ? "rp_filter is not strict on the uplinks" : "one way out: rp_filter does no harm"),
    ];
  return [
    warning(`rp_filter is strict on ${strict.join(", ")}, and the node has several ways out`, {
      meaning:
        "replies that come in by another uplink than the one that leads to their sender are dropped: connections hang",
      command: `sysctl ${strict.map((ifname) => `-w ${dotted(`net/ipv4/conf/${ifname}/rp_filter`)}=2`).join(" ")}`,
    }),
  ];
}

/** The larger of the two holds. @see Documentation/networking/ip-sysctl.rst, rp_filter */
function strictnessOf(ifname: string, sysctl: Sysctl): number {
  const [all, own] = ["all", ifname].map((name) => Number(sysctl(`net/ipv4/conf/${name}/rp_filter`) ?? 0));
  return Math.max(all ?? 0, own ?? 0);
}

const BRIDGE_NF = {
  4: "net/bridge/bridge-nf-call-iptables",
  6: "net/bridge/bridge-nf-call-ip6tables",
} as const;

/**
 * A Service leads a pod to another one of its bridge, whose reply is bridged past the translation: unless bridged
 * frames are shown to it, or the network has rules of ours, which masquerade what goes back where it came from.
 */
export function judgeBridgeNf(own: readonly OwnNetwork[], hasKubeProxy: boolean, sysctl: Sysctl): Finding[] {
  const details = Object.values(BRIDGE_NF).map(
    (key) => `${dotted(key)} is ${sysctl(key) ?? "not there (no br_netfilter)"}`,
  );
  const bare = own.filter(({ bridge, hasRules }) => bridge !== undefined && hasKubeProxy && !hasRules);
  const troubles = bare.flatMap((network) => {
    const off = familiesOf(network.subnets)
      .map((family) => BRIDGE_NF[family])
      .filter((key) => sysctl(key) !== "1");
    if (off.length === 0) return [];
    return [
      warning(`bridged frames of "${network.bridge}" are not shown to kube-proxy's rules`, {
        details: off.map((key) => `${dotted(key)} is ${sysctl(key) ?? "not there"}`),
        meaning: "a Service does not answer a pod when the pod behind it is on the same node",
        command: `set "ipMasq": true; or: modprobe br_netfilter && sysctl ${off.map((key) => `-w ${dotted(key)}=1`).join(" ")}`,
      }),
    ];
  });
  return orOk(
    troubles,
    hasKubeProxy ? "Services answer pods of the same node" : "no kube-proxy: bridge-nf-call-* does no harm",
    details,
  );
}
