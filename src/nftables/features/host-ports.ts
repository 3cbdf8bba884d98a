/** Host ports: what comes to a port of the node goes to a port of a pod. */

import { type Address, addressToBytes, type Family, sameAddress } from "../../addr/address.ts";
import { type Prefix, prefixContains } from "../../addr/prefix.ts";
import { NF_INET } from "../../netlink/netfilter/nf-tables.ts";
import { daddr, dport, iifname, l4proto, oifname, saddr } from "../../netlink/netfilter/packet-field.ts";
import {
  daddrIn,
  dnat,
  drop,
  goto,
  inSet,
  is,
  isFamily,
  isToThisNode,
  isTranslated,
  mapped,
  masquerade,
  returns,
} from "../../netlink/netfilter/statement.ts";
import { type Element, identityOf } from "../elements/element.ts";
import type { RuleDefinition } from "../tables/definition.ts";
import { addressPart, familyName, KEY_TYPE, keyOf, portPart, protocolPart } from "../tables/key.ts";
import { type ChainPart, type Feature, POSTROUTING, type Pod, PRIORITY } from "./feature.ts";
import { type HostPorts, type Target, targetsOf } from "./host-port.ts";

export interface HostPortOptions {
  readonly hostPorts?: HostPorts;
}

/** 127.0.0.1, of 127.0.0.0/8. */
const LOOPBACK: Address = { family: 4, value: 0x7f_00_00_01n };
const LOOPBACK_PREFIX: Prefix = { address: LOOPBACK, prefixLength: 8 };

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
  elementsOf,
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
    // dnat ip to meta l4proto . th dport map @hostports_ip
    [...mapped("map", `hostports_${name}`, [l4proto, dport]), dnat(family)],
  ];
}

/**
 * Addresses of the node that a host port is for only where it names them: of loopback all but 127.0.0.1, where a node's
 * resolver listens, and ::1, from which the kernel sends nothing elsewhere; and link-local ones, where a node's DNS cache is.
 */
const KEPT: Readonly<Record<Family, readonly Prefix[]>> = {
  4: [LOOPBACK_PREFIX, { address: { family: 4, value: 0xa9fe_0000n }, prefixLength: 16 }],
  6: [
    { address: { family: 6, value: 1n }, prefixLength: 128 },
    { address: { family: 6, value: 0xfe80n << 112n }, prefixLength: 10 },
  ],
};

/** True for an address of the node that a host port without an address is not for. */
export function isKept(address: Address): boolean {
  if (sameAddress(address, LOOPBACK)) return false;
  return KEPT[address.family].some((prefix) => prefixContains(prefix, address));
}

function keptRules(family: Family): RuleDefinition[] {
  // ip daddr 127.0.0.1 dnat ip to meta l4proto . th dport map @hostports_ip
  const loopback = [
    ...isFamily(4),
    ...is(daddr(4), addressToBytes(LOOPBACK)),
    ...mapped("map", "hostports_ip", [l4proto, dport]),
    dnat(4),
  ];
  // ip daddr 127.0.0.0/8 return; ip daddr 169.254.0.0/16 return; ip6 daddr ::1 return; ip6 daddr fe80::/10 return
  const returning = KEPT[family].map((prefix) => [...daddrIn(prefix), returns]);
  return family === 4 ? [loopback, ...returning] : returning;
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

function elementsOf({ hostPorts, ips, owner }: Pod & HostPortOptions): Element[] {
  if (hostPorts === undefined) return [];
  const { mappings, snat, masqAll } = hostPorts;
  const targets = targetsOf(
    mappings,
    ips.map(({ address }) => address),
  );
  const elements = targets.flatMap((target) => [
    mappingElement(target, owner),
    ...(snat ? hairpinElements(target.pod, owner) : []),
    ...(masqAll ? [masqueradeAllElement(target, owner)] : []),
  ]);
  return [...new Map(elements.map((element) => [identityOf(element), element])).values()];
}

/** `{ tcp . 80 : 10.1.0.5 . 8080 }`, or with the node's address in front of the key. */
function mappingElement({ port, pod }: Target, owner: string): Element {
  const { hostIp } = port;
  const isAny = hostIp === undefined || hostIp.value === 0n;
  const end = [protocolPart(port.protocol), portPart(port.hostPort)];
  return {
    table: "inet",
    set: `${isAny ? "hostports" : "hostports_at"}_${familyName(pod.family)}`,
    key: isAny ? keyOf(...end) : keyOf(addressPart(hostIp), ...end),
    value: keyOf(addressPart(pod), portPart(port.containerPort)),
    owner,
  };
}

/** `{ 10.1.0.5 . 10.1.0.5, 127.0.0.1 . 10.1.0.5 }`; the kernel sends nothing from `::1` to elsewhere. */
function hairpinElements(pod: Address, owner: string): Element[] {
  const senders = pod.family === 4 ? [pod, LOOPBACK] : [pod];
  return senders.map((sender) => ({
    table: "inet",
    set: `hairpin_${familyName(pod.family)}`,
    key: keyOf(addressPart(sender), addressPart(pod)),
    owner,
  }));
}

/** `{ 10.1.0.5 . tcp . 8080 }` */
function masqueradeAllElement({ port, pod }: Target, owner: string): Element {
  return {
    table: "inet",
    set: `masquerade_all_${familyName(pod.family)}`,
    key: keyOf(addressPart(pod), protocolPart(port.protocol), portPart(port.containerPort)),
    owner,
  };
}
