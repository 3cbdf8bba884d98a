/** What is looked at in a tracked connection. */

import type { Address } from "../../addr/address.ts";
import { IPPROTO, type Protocol } from "../../addr/service.ts";
import type { Connection } from "../../netlink/netfilter/conntrack.ts";

/** The address that a connection's replies come from. */
export function answererOf({ CTA_TUPLE_REPLY: reply }: Connection): Address | undefined {
  return reply?.CTA_TUPLE_IP?.CTA_IP_V4_SRC ?? reply?.CTA_TUPLE_IP?.CTA_IP_V6_SRC;
}

export function destinationOf({ CTA_TUPLE_ORIG: original }: Connection): Address | undefined {
  return original?.CTA_TUPLE_IP?.CTA_IP_V4_DST ?? original?.CTA_TUPLE_IP?.CTA_IP_V6_DST;
}

/** CTA_TUPLE_PROTO of packets to a port. */
export function toPort(protocol: Protocol, port: number) {
  return { CTA_PROTO_NUM: IPPROTO[protocol], CTA_PROTO_SRC_PORT: 0, CTA_PROTO_DST_PORT: port };
}
