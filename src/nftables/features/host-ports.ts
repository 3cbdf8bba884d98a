/** Host ports: what comes to a port of the node goes to a port of a pod. */

import type { Family } from "../../addr/address.ts";
import { NF_INET } from "../../netlink/netfilter/nf-tables.ts";
import { daddr, dport, iifname, l4proto, oifname, saddr } from "../../netlink/netfilter/packet-field.ts";
import {
  daddrIn,
  dnat,
  drop,
  goto,
  inSet,
  isFamily,
  isToThisNode,
  isTranslated,
  mapped,
  masquerade,
} from "../../netlink/netfilter/statement.ts";
import type { RuleDefinition } from "../tables/definition.ts";
import { familyName, KEY_TYPE } from "../tables/key.ts";
import { type ChainPart, type Feature, POSTROUTING, PRIORITY } from "./feature.ts";
import {
  anyAddressRule,
  EXCEPT_CHAINS,
  type HostPortOptions,
  hostPortElements,
} from "./host-port-elements.ts";
import { keptRules, LOOPBACK_PREFIX } from "./left-alone.ts";

const { inet_proto, inet_service, ipv4_addr, ipv6_addr } = KEY_TYPE;

export const hostPorts: Feature<HostPortOptions> = {
  table: "inet",
  sets: [
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
    // type inet_proto . inet_service : verdict -- a port that some addresses of the node are excepted of, its chain
    { name: "hostports_except_ip", key: [inet_proto, inet_service], value: "verdict" },
    { name: "hostports_except_ip6", key: [inet_proto, inet_service], value: "verdict" },
    // type ipv4_addr . ipv4_addr -- sender and pod whose replies would not come back by themselves
    { name: "hairpin_ip", key: [ipv4_addr, ipv4_addr] },
    { name: "hairpin_ip6", key: [ipv6_addr, ipv6_addr] },
    // type ipv4_addr . inet_proto . inet_service -- a pod's port whose every sender is masqueraded
    { name: "masquerade_all_ip", key: [ipv4_addr, inet_proto, inet_service] },
    { name: "masquerade_all_ip6", key: [ipv6_addr, inet_proto, inet_service] },
  ],
  chains: [
    {
      name: "localnet",
      hook: { type: "filter", hook: NF_INET.PRE_ROUTING, priority: PRIORITY.RAW },
      rules: () => [
        // iifname . iifname @bridges ip daddr 127.0.0.0/8 drop
        [...inSet("bridges", [iifname, iifname]), ...daddrIn(LOOPBACK_PREFIX), drop],
      ],
    },
    translating("prerouting", NF_INET.PRE_ROUTING),
    translating("output", NF_INET.LOCAL_OUT),
    { name: "hostports", familyRules: dnatRules },
    {
      ...POSTROUTING,
      // ct status dnat iifname . oifname @bridges masquerade
      rules: () => [[...isTranslated(), ...inSet("bridges", [iifname, oifname]), masquerade]],
      familyRules: wayBackRules,
    },
  ],
  hashedChains: [EXCEPT_CHAINS],
  elementsOf: hostPortElements,
};

/** Where the destination becomes another one. */
function translating(name: string, hook: number): ChainPart {
  return {
    name,
    hook: { type: "nat", hook, priority: PRIORITY.DSTNAT },
    // fib daddr type local goto hostports
    rules: () => [[...isToThisNode(), goto("hostports")]],
  };
}

function dnatRules(family: Family): RuleDefinition[] {
  const name = familyName(family);
  return [
    // dnat ip to ip daddr . meta l4proto . th dport map @hostports_at_ip
    [
      ...isFamily(family),
      ...mapped("map", `hostports_at_${name}`, [daddr(family), l4proto, dport]),
      dnat(family),
    ],
    ...keptRules(family),
    // meta l4proto . th dport vmap @hostports_except_ip
    [...isFamily(family), ...mapped("vmap", `hostports_except_${name}`, [l4proto, dport])],
    anyAddressRule(family),
  ];
}

/** For replies to come back by the node. */
function wayBackRules(family: Family): RuleDefinition[] {
  const name = familyName(family);
  const translated = [...isTranslated(), ...isFamily(family)];
  return [
    // ct status dnat ip saddr . ip daddr @hairpin_ip masquerade
    [...translated, ...inSet(`hairpin_${name}`, [saddr(family), daddr(family)]), masquerade],
    // ct status dnat ip daddr . meta l4proto . th dport @masquerade_all_ip masquerade
    [...translated, ...inSet(`masquerade_all_${name}`, [daddr(family), l4proto, dport]), masquerade],
  ];
}
