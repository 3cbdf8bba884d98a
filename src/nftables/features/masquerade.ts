/** Masquerade: a pod's packets go on under an address of the node, but for those to its own networks and some others. */

import type { Family } from "../../addr/address.ts";
import { networkOf, type Prefix } from "../../addr/prefix.ts";
import { fingerprintOf } from "../../linux/fingerprint.ts";
import { paddedIfname } from "../../netlink/netfilter/ifname.ts";
import { daddr, iifname, saddr } from "../../netlink/netfilter/packet-field.ts";
import { inSet, isFamily, mapped, masquerade as masq, returns } from "../../netlink/netfilter/statement.ts";
import type { HashedChain, HashedRule } from "../tables/hashed-chain.ts";
import { type Interval, intervalElements, mergedIntervals } from "../tables/interval.ts";
import { addressPart, addressType, familyName, KEY_TYPE, keyOf } from "../tables/key.ts";
import { type Feature, POSTROUTING } from "./feature.ts";

export interface MasqueradeOptions {
  /** Destinations, beside the pod's own networks, that it reaches under its own address; absent: all. */
  readonly nonMasqueraded?: readonly Prefix[];
}

const { ifname } = KEY_TYPE;
const PREFIX = "masquerade-";

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
  hashedChains: { prefix: PREFIX, ruleCount: rulesOf({ 4: [], 6: [] }).length },
  /** `{ "cni0" . 10.1.0.5 : goto masquerade-… }` for each address. */
  elementsOf({ bridge, ips, nonMasqueraded, owner }) {
    if (nonMasqueraded === undefined || ips.length === 0) return [];
    const chain = masqueradeChain([...nonMasqueraded, ...ips.map(networkOf)]);
    return ips.map(({ address }) => ({
      table: "inet",
      set: `masquerade_${familyName(address.family)}`,
      key: keyOf(paddedIfname(bridge), addressPart(address)),
      value: { chain: chain.name },
      target: chain,
      owner,
    }));
  },
};

/** Multicast of both families (RFC 5771, RFC 4291 §2.7). */
const MULTICAST: readonly Prefix[] = [
  { address: { family: 4, value: 0xe0_00_00_00n }, prefixLength: 4 },
  { address: { family: 6, value: 0xffn << 120n }, prefixLength: 8 },
];

type Intervals = Readonly<Record<Family, readonly Interval[]>>;

interface MasqueradeChain extends HashedChain {
  readonly nonMasqueraded: Intervals;
}

/**
 * The chain that masquerades what goes to other destinations than these and multicast:
 *
 *     ip daddr { 10.1.0.0/16, 224.0.0.0/4 } return
 *     ip6 daddr { ff00::/8 } return
 *     masquerade
 */
export function masqueradeChain(prefixes: readonly Prefix[]): MasqueradeChain {
  const all = [...prefixes, ...MULTICAST];
  const nonMasqueraded = { 4: mergedIntervals(all, 4), 6: mergedIntervals(all, 6) };
  const text = [...nonMasqueraded[4], ...nonMasqueraded[6]]
    .map(({ first, last }) => `${first}-${last}`)
    .join();
  return { name: `${PREFIX}${fingerprintOf(text)}`, rules: rulesOf(nonMasqueraded), nonMasqueraded };
}

function rulesOf(intervals: Intervals): HashedRule[] {
  return [returnRule(4, intervals[4]), returnRule(6, intervals[6]), { expressions: () => [masq] }];
}

function returnRule(family: Family, intervals: readonly Interval[]): HashedRule {
  return {
    set: { key: addressType(family), bounds: () => intervalElements(family, intervals) },
    expressions: ({ name, id }) => [
      ...isFamily(family),
      ...inSet(name, [daddr(family)], id === undefined ? {} : { id }),
      returns,
    ],
  };
}
