/** A packet as rules look at it: the fields that are known before it is sent. */

import { type Address, addressToBytes } from "../addr/address.ts";
import { IPPROTO, type Service } from "../addr/service.ts";
import { be16, u32 } from "../netlink/codec/integer.ts";
import { CT_STATE_BIT, IPS, META, PAYLOAD_BASE } from "../netlink/netfilter/expression.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { paddedIfname } from "../netlink/netfilter/ifname.ts";

/** The first packet of a connection, or the answer to it. */
export interface FilteredPacket {
  readonly src: Address;
  readonly dst: Address;
  /** Undefined: it may be of any protocol. */
  readonly service?: Service | undefined;
  readonly iif: NamedIndex;
  /** Undefined where it leaves by none. */
  readonly oif: NamedIndex | undefined;
  /** The connection's destination was translated. */
  readonly isTranslated: boolean;
  /** It is the answer: `service` is where it comes from. */
  readonly isReply?: true;
}

export interface NamedIndex {
  readonly ifname: string;
  readonly ifindex: number;
}

const ANSWERED = IPS.SEEN_REPLY | IPS.CONFIRMED;

/** `ct state`, by the same numbers in nf_tables and xt_conntrack. */
export function stateOf({ isReply }: FilteredPacket): number {
  return isReply === true ? CT_STATE_BIT.ESTABLISHED : CT_STATE_BIT.NEW;
}

/** `meta KEY`; undefined: not known. */
export function metaOf(packet: FilteredPacket, key: number): Uint8Array | undefined {
  const { src, service, iif, oif } = packet;
  if (key === META.IIFNAME) return paddedIfname(iif.ifname);
  if (key === META.OIFNAME) return paddedIfname(oif?.ifname ?? "");
  if (key === META.IIF) return u32.write(iif.ifindex, {});
  if (key === META.OIF) return u32.write(oif?.ifindex ?? 0, {});
  if (key === META.NFPROTO) return Uint8Array.of(src.family === 4 ? NFPROTO.IPV4 : NFPROTO.IPV6);
  if (key === META.L4PROTO && service !== undefined) return Uint8Array.of(IPPROTO[service.protocol]);
  return undefined;
}

/** `ct status`: of a first packet what translates its destination has set, and nobody else. */
export function statusOf({ isTranslated, isReply }: FilteredPacket): Uint8Array {
  return u32.write((isTranslated ? IPS.DST_NAT : 0) | (isReply === true ? ANSWERED : 0), {});
}

interface Field {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Bytes of a header; undefined where one of them is not known. */
export function payloadOf(
  packet: FilteredPacket,
  base: number,
  range: { readonly offset: number; readonly length: number },
): Uint8Array | undefined {
  const { offset, length } = range;
  const fields =
    base === PAYLOAD_BASE.NETWORK
      ? networkFields(packet)
      : base === PAYLOAD_BASE.TRANSPORT
        ? ports(packet)
        : [];
  const whole = fields.find(
    (field) => field.offset <= offset && offset + length <= field.offset + field.bytes.length,
  );
  return whole?.bytes.slice(offset - whole.offset, offset - whole.offset + length);
}

/** struct iphdr, struct ipv6hdr: both addresses side by side, and the protocol. */
function networkFields({ src, dst, service }: FilteredPacket): Field[] {
  const addresses = Uint8Array.of(...addressToBytes(src), ...addressToBytes(dst));
  const [protocolAt, addressesAt] = src.family === 4 ? [9, 12] : [6, 8];
  const protocol =
    service === undefined ? [] : [{ offset: protocolAt, bytes: Uint8Array.of(IPPROTO[service.protocol]) }];
  return [{ offset: addressesAt, bytes: addresses }, ...protocol];
}

/** Stands for the asking side's port: one of net.ipv4.ip_local_port_range, as rules about such ports take them. */
const EPHEMERAL = 40_000;

/** That of the sender, then that of the receiver. */
function ports({ service, isReply }: FilteredPacket): Field[] {
  if (service === undefined) return [];
  const [from, to] = isReply === true ? [service.port, EPHEMERAL] : [EPHEMERAL, service.port];
  return [{ offset: 0, bytes: Uint8Array.of(...be16.write(from, {}), ...be16.write(to, {})) }];
}
