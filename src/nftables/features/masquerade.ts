/** Masquerade: a pod's packets go on under an address of the node, but for those to its own networks and some others. */

import type { Address } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import { networkOf } from "../../addr/prefix.ts";
import { IPPROTO } from "../../addr/service.ts";
import { fingerprintOf } from "../../linux/fingerprint.ts";
import { paddedIfname } from "../../netlink/netfilter/ifname.ts";
import { iifname, l4proto, saddr } from "../../netlink/netfilter/packet-field.ts";
import { is, isFamily, mapped, masqueradeTo, type PortRange } from "../../netlink/netfilter/statement.ts";
import type { Element } from "../elements/element.ts";
import {
  describeDestinations,
  destinationsOf,
  NO_DESTINATIONS,
  returnRules,
} from "../tables/destinations.ts";
import type { HashedChain, HashedRule } from "../tables/hashed-chain.ts";
import { addressPart, familyName, KEY_TYPE, keyOf } from "../tables/key.ts";
import { type Feature, POSTROUTING, type Pod } from "./feature.ts";

/** Which source ports masqueraded connections get on the node. */
export interface SourcePorts {
  /** By chance, so that connections which begin at the same time do not get the same one; else the pod's where it is free. */
  readonly isRandom: boolean;
  /** First and last; absent: any that the pod's own port may become. */
  readonly range?: PortRange;
}

export interface MasqueradeOptions {
  /** Destinations, beside the pod's own networks, that it reaches under its own address; absent: all. */
  readonly nonMasqueraded?: readonly Prefix[];
  /** Absent in records of earlier versions: the pod's port where it is free. */
  readonly sourcePorts?: SourcePorts;
  /** Absent: none. */
  readonly crossings?: readonly Crossing[];
}

/** What has an address of one of the pod's interfaces, and enters the node by another. */
export interface Crossing {
  /** Where it enters. */
  readonly ifname: string;
  readonly address: Address;
  /** Destinations that see that address, all of them but multicast. */
  readonly kept: readonly Prefix[];
}

/** Where a sender's packets enter the node, and what they reach under its address. */
interface Way {
  readonly ifname: string;
  readonly address: Address;
  readonly except: readonly Prefix[];
}

const { ifname } = KEY_TYPE;
/** Protocols whose port a range holds for. */
const RANGED = [IPPROTO.tcp, IPPROTO.udp, IPPROTO.sctp];
const EXCEPTIONS = returnRules(NO_DESTINATIONS).length;
const ANY_PORT = { prefix: "masquerade-", ruleCount: EXCEPTIONS + 1 };
const PORT_RANGE = { prefix: "ranged-masquerade-", ruleCount: EXCEPTIONS + RANGED.length + 1 };

export const masquerade: Feature<MasqueradeOptions> = {
  table: "inet",
  sets: [
    // type ifname . ipv4_addr : verdict -- bridge and address of a pod, the chain of its network
    { name: "masquerade_ip", key: [ifname, KEY_TYPE.ipv4_addr], value: "verdict" },
    { name: "masquerade_ip6", key: [ifname, KEY_TYPE.ipv6_addr], value: "verdict" },
  ],
  chains: [
    {
      ...POSTROUTING,
      comesLast: true,
      familyRules: (family) => [
        // iifname . ip saddr vmap @masquerade_ip
        [
          ...isFamily(family),
          ...mapped("vmap", `masquerade_${familyName(family)}`, [iifname, saddr(family)]),
        ],
      ],
    },
  ],
  hashedChains: [ANY_PORT, PORT_RANGE],
  /** `{ "cni0" . 10.1.0.5 : goto masquerade-… }` for each address. */
  elementsOf(pod) {
    const { sourcePorts } = pod;
    return wayElements(pod, "masquerade", (except) => masqueradeChain(except, sourcePorts));
  },
};

/** One element of a map by interface and sender for each way, that leads to the chain of its exceptions. */
export function wayElements(
  pod: Pod & MasqueradeOptions,
  map: string,
  chainOf: (except: readonly Prefix[]) => HashedChain,
): Element[] {
  let last: { readonly except: readonly Prefix[]; readonly chain: HashedChain } | undefined;
  return waysOf(pod).map(({ ifname, address, except }) => {
    if (last?.except !== except) last = { except, chain: chainOf(except) };
    const { chain } = last;
    return {
      table: "inet",
      set: `${map}_${familyName(address.family)}`,
      key: keyOf(paddedIfname(ifname), addressPart(address)),
      value: { chain: chain.name },
      target: chain,
      owner: pod.owner,
    };
  });
}

/** Its own way, and those between its interfaces. */
export function waysOf({ bridge, nonMasqueraded, ips, crossings = [] }: Pod & MasqueradeOptions): Way[] {
  const except = nonMasqueraded && [...nonMasqueraded, ...ips.map(networkOf), ...MULTICAST];
  return [
    ...(except === undefined ? [] : ips.map(({ address }) => ({ ifname: bridge, address, except }))),
    ...crossings.map(({ kept, ...way }) => ({ ...way, except: [...kept, ...MULTICAST] })),
  ];
}

/** Multicast of both families (RFC 5771, RFC 4291 §2.7). */
const MULTICAST: readonly Prefix[] = [
  { address: { family: 4, value: 0xe0_00_00_00n }, prefixLength: 4 },
  { address: { family: 6, value: 0xffn << 120n }, prefixLength: 8 },
];

/**
 * The chain that masquerades what goes to other destinations than these:
 *
 *     ip daddr { 10.1.0.0/16, 224.0.0.0/4 } return
 *     ip6 daddr { ff00::/8 } return
 *     meta l4proto tcp masquerade to :1024-65535 fully-random    (udp and sctp alike; only where there is a range)
 *     masquerade fully-random
 */
export function masqueradeChain(prefixes: readonly Prefix[], sourcePorts?: SourcePorts): HashedChain {
  const { isRandom = false, range } = sourcePorts ?? {};
  const destinations = destinationsOf(prefixes);
  const { prefix } = range === undefined ? ANY_PORT : PORT_RANGE;
  const text = `${describeDestinations(destinations)}${describePorts(isRandom, range)}`;
  const ranged = range === undefined ? [] : rangedRules(range, isRandom);
  const others: HashedRule = { expressions: () => masqueradeTo(undefined, isRandom) };
  return {
    name: `${prefix}${fingerprintOf(text)}`,
    rules: [...returnRules(destinations), ...ranged, others],
  };
}

function rangedRules(range: PortRange, isRandom: boolean): HashedRule[] {
  return RANGED.map((protocol) => ({
    expressions: () => [...is(l4proto, Uint8Array.of(protocol)), ...masqueradeTo(range, isRandom)],
  }));
}

/** Empty for the kernel's choice: chains of earlier versions are named so. */
function describePorts(isRandom: boolean, range: PortRange | undefined): string {
  return `${isRandom ? ";random" : ""}${range === undefined ? "" : `;${range.first}-${range.last}`}`;
}
