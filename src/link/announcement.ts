/** Frames that announce an address: gratuitous ARP, unsolicited neighbour advertisement. */

import { type Address, addressToBytes } from "../addr/address.ts";
import { macToBytes } from "../addr/mac.ts";
import { be16, be32, u8 } from "../netlink/codec/integer.ts";
import { struct } from "../netlink/codec/struct.ts";
import { concatenate } from "../netlink/codec/type.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from "../netlink/route/if-ether.ts";

const ALL_STATIONS = "ff:ff:ff:ff:ff:ff";
const NO_STATION = "00:00:00:00:00:00";

/** `struct arphdr`, linux/if_arp.h, before the addresses. */
const arphdr = struct({ ar_hrd: be16, ar_pro: be16, ar_hln: u8, ar_pln: u8, ar_op: be16 });
const ARPHRD_ETHER = 1;
const ARPOP_REQUEST = 1;

/** `struct ipv6hdr`, linux/ipv6.h, before the addresses. */
const ipv6hdr = struct({ flow: be32, payload_len: be16, nexthdr: u8, hop_limit: u8 });
const IPV6_VERSION = 0x6000_0000;
const IPPROTO_ICMPV6 = 58;
const HIGHEST_HOP_LIMIT = 255; // RFC 4861, 7.1.2: what comes from another link is not believed
/** ff02::1, and the group of stations that it is sent to (RFC 2464, 7). */
const ALL_NODES = {
  address: { family: 6, value: (0xff02n << 112n) | 1n },
  mac: "33:33:00:00:00:01",
} as const;

/** RFC 4861, 4.4, before the target's address. */
const advertisement = struct({ type: u8, code: u8, checksum: be16, flags: be32 });
const NEIGHBOUR_ADVERTISEMENT = 136;
const OVERRIDE = 0x2000_0000;
/** RFC 4861, 4.6.1, before the MAC address; the length is in units of eight bytes. */
const option = struct({ type: u8, length: u8 });
const TARGET_LINK_LAYER_ADDRESS = 2;

/** The frame by which a station announces an address of its own. */
export function announcementOf(mac: string, address: Address): Uint8Array {
  return address.family === 4 ? gratuitousArp(mac, address) : unsolicitedAdvertisement(mac, address);
}

/** An ARP request for the sender's own address, as the kernel sends it with arp_notify (RFC 5227, 3). */
function gratuitousArp(mac: string, address: Address): Uint8Array {
  const header = {
    ar_hrd: ARPHRD_ETHER,
    ar_pro: ETH_P_IP,
    ar_hln: macToBytes(mac).length,
    ar_pln: addressToBytes(address).length,
    ar_op: ARPOP_REQUEST,
  };
  return concatenate([
    ...ethernet(ALL_STATIONS, mac, ETH_P_ARP),
    arphdr.write(header, {}),
    macToBytes(mac),
    addressToBytes(address),
    macToBytes(NO_STATION),
    addressToBytes(address),
  ]);
}

/** An unsolicited neighbour advertisement to all nodes that replaces what they know (RFC 4861, 7.2.6). */
function unsolicitedAdvertisement(mac: string, address: Address): Uint8Array {
  const ends = [addressToBytes(address), addressToBytes(ALL_NODES.address)];
  const blank = advertise(mac, address, 0);
  const message = advertise(mac, address, checksumOf([...ends, pseudoHeader(blank.length), blank]));
  const header = {
    flow: IPV6_VERSION,
    payload_len: message.length,
    nexthdr: IPPROTO_ICMPV6,
    hop_limit: HIGHEST_HOP_LIMIT,
  };
  return concatenate([
    ...ethernet(ALL_NODES.mac, mac, ETH_P_IPV6),
    ipv6hdr.write(header, {}),
    ...ends,
    message,
  ]);
}

function advertise(mac: string, target: Address, checksum: number): Uint8Array {
  return concatenate([
    advertisement.write({ type: NEIGHBOUR_ADVERTISEMENT, checksum, flags: OVERRIDE }, {}),
    addressToBytes(target),
    option.write({ type: TARGET_LINK_LAYER_ADDRESS, length: 1 }, {}),
    macToBytes(mac),
  ]);
}

function ethernet(to: string, from: string, type: number): Uint8Array[] {
  return [macToBytes(to), macToBytes(from), be16.write(type, {})];
}

/** What is counted with the two addresses (RFC 8200, 8.1). */
function pseudoHeader(length: number): Uint8Array {
  return concatenate([be32.write(length, {}), be32.write(IPPROTO_ICMPV6, {})]);
}

/** The one's complement of the one's complement sum of all 16-bit words; parts of an even length (RFC 1071). */
function checksumOf(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += be16.readAt(part, at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
