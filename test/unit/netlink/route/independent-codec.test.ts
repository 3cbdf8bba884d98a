/** Our messages read by the npm package netlink, and its messages read by us. */

import fc from "fast-check";
import * as theirs from "netlink/dist/rt/structs.js";
import { AttrStream, formatMessage, parseMessages } from "netlink/dist/structs.js";
import { expect, test } from "vitest";
import { addressToBytes } from "../../../../src/addr/address.ts";
import { macToBytes } from "../../../../src/addr/mac.ts";
import { decodeMessages, encodeMessage } from "../../../../src/netlink/codec/message.ts";
import { type PayloadType, readPayload } from "../../../../src/netlink/codec/type.ts";
import { addressMessage } from "../../../../src/netlink/route/address.ts";
import { linkMessage } from "../../../../src/netlink/route/link.ts";
import { neighbourMessage } from "../../../../src/netlink/route/neighbour.ts";
import { routeMessage } from "../../../../src/netlink/route/route.ts";
import { anyAddress, anyMac } from "../../../support/values.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const index = fc.integer({ min: 0, max: 0x7fff_ffff });
const text = fc.string({ unit: "grapheme-ascii", maxLength: 30 });

/** The bytes of a four-byte number in host order, which netlink leaves unread in places. */
function bytesOf(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

function format<T>(write: (value: T, out: AttrStream) => void, value: T): Uint8Array {
  const out = new AttrStream();
  write(value, out);
  return Buffer.concat(out.bufs);
}

/** Holds that ours and theirs are the same message: what either writes, the other reads. */
function expectSame<O, T>(
  ours: { readonly type: PayloadType<O>; readonly value: O },
  codec: { parse(bytes: Buffer): T; write(value: T, out: AttrStream): void; readonly value: T },
): void {
  expect(codec.parse(Buffer.from(ours.type.write(ours.value, {})))).toMatchObject(codec.value as object);
  expect(readPayload(ours.type, format(codec.write, codec.value))).toMatchObject(ours.value as object);
}

const anyLink = fc.record({
  ifindex: index,
  ifname: text,
  alias: text,
  mtu: u32,
  mac: anyMac,
  master: u32,
  peer: u32,
  fd: u32,
  up: fc.boolean(),
});

test("linkMessage and netlink understand each other when given any link", () => {
  fc.assert(
    fc.property(anyLink, (v) => {
      const value = {
        ifi_index: v.ifindex,
        ifi_flags: v.up ? 1 : 0,
        ifi_change: 1,
        IFLA_IFNAME: v.ifname,
        IFLA_IFALIAS: v.alias,
        IFLA_MTU: v.mtu,
        IFLA_ADDRESS: v.mac,
        IFLA_MASTER: v.master,
        IFLA_LINK: v.peer,
        IFLA_NET_NS_FD: v.fd,
      };
      const data = {
        index: v.ifindex,
        flags: v.up ? { up: true as const } : {},
        change: { up: true as const },
      };
      const attrs = {
        ifname: v.ifname,
        ifalias: v.alias,
        mtu: v.mtu,
        address: Buffer.from(macToBytes(v.mac)),
        master: v.master,
        link: bytesOf(v.peer),
        netNsFd: v.fd,
      };
      expectSame(
        { type: linkMessage, value },
        {
          parse: theirs.parseLinkMessage,
          write: theirs.formatLinkMessage,
          value: { kind: "link", data, attrs },
        },
      );
    }),
  );
});

test("addressMessage and netlink understand each other when given any address", () => {
  const entry = fc.record({
    address: anyAddress,
    prefixlen: u8,
    scope: u8,
    ifindex: index,
    label: text,
    nodad: fc.boolean(),
  });
  fc.assert(
    fc.property(entry, (v) => {
      const header = {
        ifa_family: v.address.family === 4 ? 2 : 10,
        ifa_prefixlen: v.prefixlen,
        ifa_scope: v.scope,
      };
      const value = {
        ...header,
        ifa_index: v.ifindex,
        IFA_LOCAL: v.address,
        IFA_ADDRESS: v.address,
        IFA_LABEL: v.label,
        IFA_FLAGS: v.nodad ? 2 : 0,
      };
      const data = { family: header.ifa_family, prefixlen: v.prefixlen, scope: v.scope, index: v.ifindex };
      const bytes = Buffer.from(addressToBytes(v.address));
      const attrs = {
        local: bytes,
        address: bytes,
        label: v.label,
        flags: v.nodad ? { nodad: true as const } : {},
      };
      expectSame(
        { type: addressMessage, value },
        {
          parse: theirs.parseAddressMessage,
          write: theirs.formatAddressMessage,
          value: { kind: "address", data, attrs },
        },
      );
    }),
  );
});

const anyRoute = fc.record({
  dst: anyAddress,
  gateway: anyAddress,
  source: anyAddress,
  length: u8,
  oif: u32,
  priority: u32,
  table: u32,
  mtu: u32,
  advmss: u32,
});

test("routeMessage and netlink understand each other when given any route", () => {
  fc.assert(
    fc.property(anyRoute, (v) => {
      const value = {
        rtm_family: 2,
        rtm_dst_len: v.length,
        rtm_table: 254,
        rtm_protocol: 3,
        rtm_scope: 253,
        rtm_type: 1,
        RTA_DST: v.dst,
        RTA_GATEWAY: v.gateway,
        RTA_PREFSRC: v.source,
        RTA_OIF: v.oif,
        RTA_PRIORITY: v.priority,
        RTA_TABLE: v.table,
        RTA_METRICS: { RTAX_MTU: v.mtu, RTAX_ADVMSS: v.advmss },
      };
      const data = {
        family: 2,
        dstLen: v.length,
        table: 254,
        protocol: "BOOT",
        scope: "LINK",
        type: "UNICAST",
      } as const;
      const attrs = {
        dst: Buffer.from(addressToBytes(v.dst)),
        gateway: Buffer.from(addressToBytes(v.gateway)),
        prefsrc: Buffer.from(addressToBytes(v.source)),
        oif: v.oif,
        priority: v.priority,
        table: v.table,
        metrics: { mtu: bytesOf(v.mtu), advmss: bytesOf(v.advmss) },
      };
      expectSame(
        { type: routeMessage, value },
        {
          parse: theirs.parseRouteMessage,
          write: theirs.formatRouteMessage,
          value: { kind: "route", data, attrs },
        },
      );
    }),
  );
});

test("neighbourMessage and netlink understand each other when given any neighbour", () => {
  fc.assert(
    fc.property(fc.record({ dst: anyAddress, mac: anyMac, ifindex: index, master: u32 }), (v) => {
      const value = {
        ndm_family: 2,
        ndm_ifindex: v.ifindex,
        ndm_state: 0x80,
        NDA_DST: v.dst,
        NDA_LLADDR: v.mac,
        NDA_IFINDEX: v.ifindex,
        NDA_MASTER: v.master,
      };
      const data = { family: 2, ifindex: v.ifindex, state: { permanent: true as const } };
      const attrs = {
        dst: Buffer.from(addressToBytes(v.dst)),
        lladdr: Buffer.from(macToBytes(v.mac)),
        ifindex: bytesOf(v.ifindex),
        master: v.master,
      };
      expectSame(
        { type: neighbourMessage, value },
        {
          parse: theirs.parseNeighborMessage,
          write: theirs.formatNeighborMessage,
          value: { kind: "neighbor", data, attrs },
        },
      );
    }),
  );
});

test("encodeMessage() and netlink understand each other when given any header", () => {
  const header = fc.record({
    type: fc.nat(0xffff),
    flags: fc.nat(0xffff),
    sequence: u32,
    payload: fc.uint8Array({ maxLength: 20 }),
  });
  fc.assert(
    fc.property(header, (v) => {
      const message = {
        type: v.type,
        flags: v.flags,
        seq: v.sequence,
        port: 0,
        data: Buffer.from(v.payload),
      };
      expect(parseMessages(Buffer.from(encodeMessage(v)))).toEqual([message]);
      expect(decodeMessages(Uint8Array.from(Buffer.concat(formatMessage(message))))).toEqual([
        { ...v, port: 0 },
      ]);
    }),
  );
});
