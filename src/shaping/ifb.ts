/** ifb devices: where packets that come in by one interface wait as if they left by another. */

import { NLM_F } from "../netlink/codec/message.ts";
import { IFF } from "../netlink/route/link.ts";
import type { RouteRequest } from "../netlink/route/protocol.ts";

export interface Ifb {
  readonly ifname: string;
  readonly mac: string;
  readonly ifalias: string;
  /** Bytes. */
  readonly mtu: number;
}

/** Like `ip link add IFNAME address MAC mtu MTU type ifb`, then `ip link set IFNAME alias IFALIAS up`. */
export function createIfbRequests({ ifname, mac, ifalias, mtu }: Ifb): RouteRequest[] {
  return [
    {
      message: "RTM_NEWLINK",
      flags: NLM_F.CREATE | NLM_F.EXCL,
      body: {
        IFLA_IFNAME: ifname,
        IFLA_ADDRESS: mac,
        IFLA_MTU: mtu,
        IFLA_LINKINFO: { IFLA_INFO_KIND: "ifb" },
      },
    },
    {
      message: "RTM_SETLINK",
      body: { ifi_flags: IFF.UP, ifi_change: IFF.UP, IFLA_IFNAME: ifname, IFLA_IFALIAS: ifalias },
    },
  ];
}
