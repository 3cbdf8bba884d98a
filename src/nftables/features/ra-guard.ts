/** RA guard: pods of a bridge do not tell their neighbours which router to use, and from which network to take addresses. */

import { RA_GUARD_GROUP } from "../../linux/mark.ts";
import { etherType, icmpType, iifgroup, l4proto } from "../../netlink/netfilter/packet-field.ts";
import { drop, is, isNumber } from "../../netlink/netfilter/statement.ts";
import { PREROUTING } from "./anti-spoofing.ts";
import type { Feature } from "./feature.ts";

/** `default`: only beside other rules, and where this kernel has tables of bridges. */
export type RaGuard = "default" | "required";

/** The feature has no elements: a pod's port is in its group instead. */
export interface RaGuardOptions {
  /** Absent: the pod's port is not in the group, or its record of an earlier version. */
  readonly raGuard?: RaGuard;
}

const ETH_P_IPV6 = Uint8Array.of(0x86, 0xdd);
const IPPROTO_ICMPV6 = Uint8Array.of(58);
const ND_ROUTER_ADVERT = Uint8Array.of(134);

export const raGuard: Feature = {
  table: "bridge",
  sets: [],
  chains: [
    {
      ...PREROUTING,
      rules: () => [
        // iifgroup 28791 meta protocol ip6 icmpv6 type nd-router-advert drop -- `meta protocol` sees behind VLAN tags
        [
          ...isNumber(iifgroup, RA_GUARD_GROUP),
          ...is(etherType, ETH_P_IPV6),
          ...is(l4proto, IPPROTO_ICMPV6),
          ...is(icmpType, ND_ROUTER_ADVERT),
          drop,
        ],
      ],
    },
  ],
  elementsOf: () => [],
};
