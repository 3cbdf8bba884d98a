/** `table bridge podwire`: frames of a pod that bear another sender than its own are dropped. */

import { NFPROTO } from "../netlink/netfilter/header.ts";
import { NF_INET } from "../netlink/netfilter/nf-tables.ts";
import { drop, etherSaddr, iifname, inSet } from "./expression.ts";
import { KEY_TYPE } from "./key.ts";
import type { TableDefinition } from "./table.ts";

const { ether_addr, ifname } = KEY_TYPE;
const PRIORITY = -300; // before anything else looks at the frame, linux/netfilter_bridge.h

export const bridgeTable: TableDefinition = {
  kind: "bridge",
  family: NFPROTO.BRIDGE,
  sets: [
    // type ifname -- ports whose senders are checked
    { name: "checked", key: [ifname] },
    // type ifname . ether_addr -- port and MAC address of a pod
    { name: "senders", key: [ifname, ether_addr] },
  ],
  chains: [
    {
      name: "prerouting",
      hook: { type: "filter", hook: NF_INET.PRE_ROUTING, priority: PRIORITY },
      use: 1,
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
};
