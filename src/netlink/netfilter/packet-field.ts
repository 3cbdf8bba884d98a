/** Fields of packets by the words of nft(8), and the expressions that load them into registers. */

import type { Family } from "../../addr/address.ts";
import { type Expression, META, PAYLOAD_BASE } from "./expression.ts";
import { IFNAMSIZ } from "./ifname.ts";
import { registerAt } from "./register.ts";

/** A field of a packet, its metadata or its connection that can be loaded into registers. */
export interface Field {
  /** Bytes. */
  readonly size: number;
  load(register: number): Expression;
}

function meta(key: number, size: number): Field {
  return {
    size,
    load: (register) => ({
      NFTA_EXPR_NAME: "meta",
      NFTA_EXPR_DATA: { NFTA_META_DREG: register, NFTA_META_KEY: key },
    }),
  };
}

function payload(base: number, offset: number, size: number): Field {
  return {
    size,
    load: (register) => ({
      NFTA_EXPR_NAME: "payload",
      NFTA_EXPR_DATA: {
        NFTA_PAYLOAD_DREG: register,
        NFTA_PAYLOAD_BASE: base,
        NFTA_PAYLOAD_OFFSET: offset,
        NFTA_PAYLOAD_LEN: size,
      },
    }),
  };
}

export const iifname = meta(META.IIFNAME, IFNAMSIZ);
export const oifname = meta(META.OIFNAME, IFNAMSIZ);
export const l4proto = meta(META.L4PROTO, 1);
export const nfproto = meta(META.NFPROTO, 1);
export const etherType = meta(META.PROTOCOL, 2);
export const iifgroup = meta(META.IIFGROUP, 4);
export const icmpType = payload(PAYLOAD_BASE.TRANSPORT, 0, 1);
export const dport = payload(PAYLOAD_BASE.TRANSPORT, 2, 2);
export const etherSaddr = payload(PAYLOAD_BASE.LINK, 6, 6);

/** `ip saddr`, `ip6 saddr`: struct iphdr, struct ipv6hdr. */
export function saddr(family: Family): Field {
  return family === 4 ? payload(PAYLOAD_BASE.NETWORK, 12, 4) : payload(PAYLOAD_BASE.NETWORK, 8, 16);
}

/** `ip daddr`, `ip6 daddr`. */
export function daddr(family: Family): Field {
  return family === 4 ? payload(PAYLOAD_BASE.NETWORK, 16, 4) : payload(PAYLOAD_BASE.NETWORK, 24, 16);
}

/** Loads fields side by side: `ip saddr . ip daddr`. */
export function concatenation(...fields: Field[]): Expression[] {
  let offset = 0;
  return fields.map((field) => {
    const loaded = field.load(registerAt(offset));
    offset += (field.size + 3) & ~3;
    return loaded;
  });
}
