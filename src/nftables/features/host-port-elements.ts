/** What a pod's host ports are in our sets and maps. */

import type { Address, Family } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import { fingerprintOf } from "../../linux/fingerprint.ts";
import { dport, l4proto } from "../../netlink/netfilter/packet-field.ts";
import { dnat, mapped } from "../../netlink/netfilter/statement.ts";
import { type Element, identityOf } from "../elements/element.ts";
import type { RuleDefinition } from "../tables/definition.ts";
import {
  describeDestinations,
  destinationsOf,
  NO_DESTINATIONS,
  returnRules,
} from "../tables/destinations.ts";
import type { HashedChain } from "../tables/hashed-chain.ts";
import { addressPart, familyName, keyOf, portPart, protocolPart } from "../tables/key.ts";
import type { Pod } from "./feature.ts";
import { type HostPort, type HostPorts, isForAny, type Target, targetsOf } from "./host-port.ts";
import { LOOPBACK } from "./left-alone.ts";

export interface HostPortOptions {
  readonly hostPorts?: HostPorts;
}

const PREFIX = "hostports-";
export const EXCEPT_CHAINS = { prefix: PREFIX, ruleCount: returnRules(NO_DESTINATIONS).length + 2 };

export function hostPortElements({ hostPorts, ips, owner }: Pod & HostPortOptions): Element[] {
  if (hostPorts === undefined) return [];
  const { mappings, snat, masqAll, except } = hostPorts;
  const chain = except === undefined ? undefined : exceptChain(except);
  const targets = targetsOf(
    mappings,
    ips.map(({ address }) => address),
  );
  const elements = targets.flatMap((target) => [
    mappingElement(target, owner),
    ...(chain === undefined || !isForAny(target) ? [] : [exceptElement(target, chain, owner)]),
    ...(snat ? hairpinElements(target.pod, owner) : []),
    ...(masqAll ? [masqueradeAllElement(target, owner)] : []),
  ]);
  return [...new Map(elements.map((element) => [identityOf(element), element])).values()];
}

/** `{ tcp . 80 : 10.1.0.5 . 8080 }`, or with the node's address in front of the key. */
function mappingElement({ port, pod }: Target, owner: string): Element {
  const { hostIp } = port;
  const end = portKey(port);
  const isAny = isForAny({ port });
  return {
    table: "inet",
    set: `${isAny ? "hostports" : "hostports_at"}_${familyName(pod.family)}`,
    key: isAny || hostIp === undefined ? end : keyOf(addressPart(hostIp), end),
    value: keyOf(addressPart(pod), portPart(port.containerPort)),
    owner,
  };
}

function portKey({ protocol, hostPort }: HostPort): Uint8Array {
  return keyOf(protocolPart(protocol), portPart(hostPort));
}

/** `{ tcp . 80 : goto hostports-… }` */
function exceptElement({ port, pod }: Target, chain: HashedChain, owner: string): Element {
  return {
    table: "inet",
    set: `hostports_except_${familyName(pod.family)}`,
    key: portKey(port),
    value: { chain: chain.name },
    target: chain,
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

/** `dnat ip to meta l4proto . th dport map @hostports_ip` */
export function anyAddressRule(family: Family): RuleDefinition {
  return [...mapped("map", `hostports_${familyName(family)}`, [l4proto, dport]), dnat(family)];
}

/**
 * The chain of ports that these destinations are excepted of:
 *
 *     ip daddr { 10.96.0.0/12 } return
 *     ip6 daddr { fd96::/108 } return
 *     dnat ip to meta l4proto . th dport map @hostports_ip
 *     dnat ip6 to meta l4proto . th dport map @hostports_ip6
 */
function exceptChain(prefixes: readonly Prefix[]): HashedChain {
  const destinations = destinationsOf(prefixes);
  const translations = ([4, 6] as const).map((family) => ({ expressions: () => anyAddressRule(family) }));
  const name = `${PREFIX}${fingerprintOf(describeDestinations(destinations))}`;
  return { name, rules: [...returnRules(destinations), ...translations] };
}
