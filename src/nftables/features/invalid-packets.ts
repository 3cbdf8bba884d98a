/**
 * Packets that connection tracking calls invalid, such as a late FIN or RST: no address translation sees them, so that they
 * would leave the node with the pod's own address. They are dropped where the pod's other packets are masqueraded.
 */

import type { Prefix } from "../../addr/prefix.ts";
import { fingerprintOf } from "../../linux/fingerprint.ts";
import { NF_INET } from "../../netlink/netfilter/nf-tables.ts";
import { iifname, saddr } from "../../netlink/netfilter/packet-field.ts";
import { drop, isFamily, isInvalid, mapped } from "../../netlink/netfilter/statement.ts";
import {
  describeDestinations,
  destinationsOf,
  NO_DESTINATIONS,
  returnRules,
} from "../tables/destinations.ts";
import type { HashedChain } from "../tables/hashed-chain.ts";
import { familyName, KEY_TYPE } from "../tables/key.ts";
import { type Feature, PRIORITY } from "./feature.ts";
import { type MasqueradeOptions, wayElements } from "./masquerade.ts";

export interface InvalidPacketOptions extends MasqueradeOptions {
  /** Absent in records of earlier versions. */
  readonly dropsInvalid?: true;
}

const { ifname } = KEY_TYPE;
const PREFIX = "invalid-";

export const invalidPackets: Feature<InvalidPacketOptions> = {
  table: "inet",
  sets: [
    // type ifname . ipv4_addr : verdict -- bridge and address of a pod, the chain of its network
    { name: "invalid_ip", key: [ifname, KEY_TYPE.ipv4_addr], value: "verdict" },
    { name: "invalid_ip6", key: [ifname, KEY_TYPE.ipv6_addr], value: "verdict" },
  ],
  chains: [
    {
      name: "invalid",
      hook: { type: "filter", hook: NF_INET.FORWARD, priority: PRIORITY.FILTER },
      comesLast: true,
      familyRules: (family) => [
        // ct state invalid iifname . ip saddr vmap @invalid_ip
        [
          ...isInvalid(),
          ...isFamily(family),
          ...mapped("vmap", `invalid_${familyName(family)}`, [iifname, saddr(family)]),
        ],
      ],
    },
  ],
  hashedChains: [{ prefix: PREFIX, ruleCount: returnRules(NO_DESTINATIONS).length + 1 }],
  /** `{ "cni0" . 10.1.0.5 : goto invalid-… }` for each address. */
  elementsOf: (pod) => (pod.dropsInvalid === true ? wayElements(pod, "invalid", invalidChain) : []),
};

/**
 * The chain that drops what goes to other destinations than these:
 *
 *     ip daddr { 10.1.0.0/16, 224.0.0.0/4 } return
 *     ip6 daddr { ff00::/8 } return
 *     drop
 */
function invalidChain(prefixes: readonly Prefix[]): HashedChain {
  const destinations = destinationsOf(prefixes);
  const name = `${PREFIX}${fingerprintOf(describeDestinations(destinations))}`;
  return { name, rules: [...returnRules(destinations), { expressions: () => [drop] }] };
}
