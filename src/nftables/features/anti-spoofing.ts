/** Anti-spoofing: frames of a pod that bear another sender than its own are dropped. */

import { paddedIfname } from "../../netlink/netfilter/ifname.ts";
import { NF_INET } from "../../netlink/netfilter/nf-tables.ts";
import { etherSaddr, iifname } from "../../netlink/netfilter/packet-field.ts";
import { drop, inSet } from "../../netlink/netfilter/statement.ts";
import { KEY_TYPE, keyOf, macPart } from "../tables/key.ts";
import type { Feature } from "./feature.ts";

export interface AntiSpoofingOptions {
  /** The one MAC address that the pod may send from; absent: any. */
  readonly sender?: string;
}

const { ether_addr, ifname } = KEY_TYPE;
const PRIORITY = -300; // before anything else looks at the frame, linux/netfilter_bridge.h

/** Where guards of bridges have their rules. */
export const PREROUTING = {
  name: "prerouting",
  hook: { type: "filter", hook: NF_INET.PRE_ROUTING, priority: PRIORITY },
} as const;

export const antiSpoofing: Feature<AntiSpoofingOptions> = {
  table: "bridge",
  sets: [
    // type ifname -- ports whose senders are checked
    { name: "checked", key: [ifname] },
    // type ifname . ether_addr -- port and MAC address of a pod
    { name: "senders", key: [ifname, ether_addr] },
  ],
  chains: [
    {
      ...PREROUTING,
      rules: () => [
        // iifname @checked iifname . ether saddr != @senders drop
        [
          ...inSet("checked", [iifname]),
          ...inSet("senders", [iifname, etherSaddr], { isInverted: true }),
          drop,
        ],
      ],
    },
  ],
  /** `{ "veth…" }` and `{ "veth…" . MAC }`. */
  elementsOf({ hostIfname, sender, owner }) {
    if (sender === undefined || hostIfname === undefined) return [];
    const port = paddedIfname(hostIfname);
    return [
      { table: "bridge", set: "checked", key: port, owner },
      { table: "bridge", set: "senders", key: keyOf(port, macPart(sender)), owner },
    ];
  },
};
