/** `table inet podwire`: masquerade, host ports and the policy between bridges. Each rule stands below its nft(8) line. */

import { parsePrefix } from "../addr/prefix.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { NF_INET } from "../netlink/netfilter/nf-tables.ts";
import {
  daddr,
  daddrIn,
  dnat,
  dport,
  drop,
  type Expression,
  goto,
  iifname,
  inSet,
  isFamily,
  isToThisNode,
  isTranslated,
  l4proto,
  mapped,
  masquerade,
  oifname,
  returns,
  saddr,
} from "./expression.ts";
import { familyName, KEY_TYPE } from "./key.ts";
import type { TableDefinition } from "./table.ts";

const { ifname, inet_proto, inet_service, ipv4_addr, ipv6_addr } = KEY_TYPE;

/** Priorities of chains, linux/netfilter_ipv4.h: NF_IP_PRI_RAW, _NAT_DST, _FILTER, _NAT_SRC. */
const PRIORITY = { RAW: -300, DSTNAT: -100, FILTER: 0, SRCNAT: 100 } as const;

export const inetTable: TableDefinition = {
  kind: "inet",
  family: NFPROTO.INET,
  sets: [
    // type ifname . ipv4_addr : verdict -- bridge and address of a pod, the chain of its network
    { name: "masquerade_ip", key: [ifname, ipv4_addr], value: "verdict" },
    { name: "masquerade_ip6", key: [ifname, ipv6_addr], value: "verdict" },
    // type inet_proto . inet_service : ipv4_addr . inet_service -- a port of any address of the node, the pod's
    { name: "hostports_ip", key: [inet_proto, inet_service], value: [ipv4_addr, inet_service] },
    { name: "hostports_ip6", key: [inet_proto, inet_service], value: [ipv6_addr, inet_service] },
    // type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service -- a port of one address of the node
    { name: "hostports_at_ip", key: [ipv4_addr, inet_proto, inet_service], value: [ipv4_addr, inet_service] },
    {
      name: "hostports_at_ip6",
      key: [ipv6_addr, inet_proto, inet_service],
      value: [ipv6_addr, inet_service],
    },
    // type ipv4_addr . ipv4_addr -- sender and pod whose replies would not come back by themselves
    { name: "hairpin_ip", key: [ipv4_addr, ipv4_addr] },
    { name: "hairpin_ip6", key: [ipv6_addr, ipv6_addr] },
    // type ipv4_addr . inet_proto . inet_service -- a pod's port whose every sender is masqueraded
    { name: "masquerade_all_ip", key: [ipv4_addr, inet_proto, inet_service] },
    { name: "masquerade_all_ip6", key: [ipv6_addr, inet_proto, inet_service] },
    // type ifname . ifname -- each bridge with itself: what is routed back to where it came from
    { name: "bridges", key: [ifname, ifname] },
    // type ifname -- bridges that take nothing from each other
    { name: "guarded", key: [ifname] },
    // type ifname . ifname -- bridges whose pods take nothing from each other
    { name: "isolated", key: [ifname, ifname] },
  ],
  chains: [
    {
      name: "localnet",
      hook: { type: "filter", hook: NF_INET.PRE_ROUTING, priority: PRIORITY.RAW },
      use: 1,
      rules: () => [
        // iifname . iifname @bridges ip daddr 127.0.0.0/8 drop
        [...inSet("bridges", [iifname, iifname]), ...toLoopback(), drop],
      ],
    },
    {
      name: "prerouting",
      hook: { type: "nat", hook: NF_INET.PRE_ROUTING, priority: PRIORITY.DSTNAT },
      use: 1,
      // fib daddr type local goto hostports
      rules: () => [[...isToThisNode(), goto("hostports")]],
    },
    {
      name: "output",
      hook: { type: "nat", hook: NF_INET.LOCAL_OUT, priority: PRIORITY.DSTNAT },
      use: 1,
      // fib daddr type local goto hostports
      rules: () => [[...isToThisNode(), goto("hostports")]],
    },
    {
      name: "hostports",
      use: 6,
      rules: () =>
        ([4, 6] as const).flatMap((family) => {
          const name = familyName(family);
          return [
            // dnat ip to ip daddr . meta l4proto . th dport map @hostports_at_ip
            [
              ...isFamily(family),
              ...mapped("map", `hostports_at_${name}`, [daddr(family), l4proto, dport]),
              dnat(family),
            ],
            // dnat ip to meta l4proto . th dport map @hostports_ip
            [...mapped("map", `hostports_${name}`, [l4proto, dport]), dnat(family)],
          ];
        }),
    },
    {
      name: "forward",
      hook: { type: "filter", hook: NF_INET.FORWARD, priority: PRIORITY.FILTER },
      use: 3,
      rules: () => [
        // iifname . oifname @isolated drop
        [...inSet("isolated", [iifname, oifname]), drop],
        // iifname . oifname @bridges return
        [...inSet("bridges", [iifname, oifname]), returns],
        // iifname @guarded oifname @guarded drop
        [...inSet("guarded", [iifname]), ...inSet("guarded", [oifname]), drop],
      ],
    },
    {
      name: "postrouting",
      hook: { type: "nat", hook: NF_INET.POST_ROUTING, priority: PRIORITY.SRCNAT },
      use: 7,
      rules: () => [
        // ct status dnat iifname . oifname @bridges masquerade
        [...isTranslated(), ...inSet("bridges", [iifname, oifname]), masquerade],
        ...([4, 6] as const).flatMap(postroutingOf),
      ],
    },
  ],
};

function toLoopback(): Expression[] {
  const loopback = parsePrefix("127.0.0.0/8");
  return loopback === undefined ? [] : daddrIn(loopback);
}

function postroutingOf(family: 4 | 6): Expression[][] {
  const name = familyName(family);
  const translated = [...isTranslated(), ...isFamily(family)];
  return [
    // ct status dnat ip saddr . ip daddr @hairpin_ip masquerade
    [...translated, ...inSet(`hairpin_${name}`, [saddr(family), daddr(family)]), masquerade],
    // ct status dnat ip daddr . meta l4proto . th dport @masquerade_all_ip masquerade
    [...translated, ...inSet(`masquerade_all_${name}`, [daddr(family), l4proto, dport]), masquerade],
    // iifname . ip saddr vmap @masquerade_ip
    [...isFamily(family), ...mapped("vmap", `masquerade_${name}`, [iifname, saddr(family)])],
  ];
}
