/** Announces a pod's addresses on its link, so that neighbours update their caches. */

import { type Address, formatAddress } from "../addr/address.ts";
import { SyscallError } from "../linux/error.ts";
import { closeFile } from "../linux/file.ts";
import { check, libc } from "../linux/libc.ts";
import type { NetnsHandle } from "../linux/netns.ts";
import { be16, i32, u8, u16, u32 } from "../netlink/codec/integer.ts";
import { struct } from "../netlink/codec/struct.ts";
import type { RouteRequest } from "../netlink/route/protocol.ts";
import { announcementOf } from "./announcement.ts";

/** An interface that is up and has a carrier. */
export interface Station {
  /** In the namespace where it is. */
  readonly ifindex: number;
  readonly mac: string;
}

const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
/** The socket is there to send: it receives no frames. */
const NO_PROTOCOL = 0;

/** `struct sockaddr_ll`, linux/if_packet.h. */
const sockaddr_ll = struct({
  sll_family: u16,
  sll_protocol: be16,
  sll_ifindex: i32,
  sll_hatype: u16,
  sll_pkttype: u8,
  sll_halen: u8,
  "sll_addr[0-3]": u32,
  "sll_addr[4-7]": u32,
});

/**
 * Sends a gratuitous ARP request for each IPv4 address and an unsolicited neighbour advertisement for each IPv6 one;
 * like `arping -U -c 1 -I IFNAME ADDRESS` and `ndsend ADDRESS IFNAME`. Whatever the interface, but closing the socket
 * takes the kernel three ticks (a grace period): {@link announceAllRequest} is for
 * those that may change their MAC address while they are up.
 * @returns what went wrong; an address that is not announced is found all the same, once the old one is forgotten
 * @see packet(7)
 */
export function announce(
  netns: NetnsHandle,
  station: Station,
  addresses: readonly Address[],
): SyscallError | undefined {
  if (addresses.length === 0) return undefined;
  try {
    sendAll(netns, station, addresses);
    return undefined;
  } catch (error) {
    if (error instanceof SyscallError) return error;
    throw error;
  }
}

/**
 * Has the kernel announce every address of an interface that is up and has arp_notify and ndisc_notify on: it does so when
 * the MAC address is set, be it the same one; like `ip link set dev IFNAME address MAC`.
 * @see Documentation/networking/ip-sysctl.rst
 */
export function announceAllRequest({ ifindex, mac }: Station): RouteRequest {
  return { message: "RTM_SETLINK", body: { ifi_index: ifindex, IFLA_ADDRESS: mac } };
}

function sendAll(netns: NetnsHandle, { ifindex, mac }: Station, addresses: readonly Address[]): void {
  const create = () => check("socket", "packet", libc.socket(AF_PACKET, SOCK_RAW_CLOEXEC, NO_PROTOCOL));
  const fd = netns.run(create);
  try {
    const to = sockaddr_ll.write({ sll_family: AF_PACKET, sll_ifindex: ifindex }, {});
    check("bind", "packet", libc.bind(fd, to, to.length));
    for (const address of addresses) {
      const frame = announcementOf(mac, address);
      check("send", formatAddress(address), libc.send(fd, frame, frame.length, 0));
    }
  } finally {
    closeFile(fd);
  }
}
