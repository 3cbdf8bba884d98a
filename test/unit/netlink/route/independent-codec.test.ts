/** Links, addresses and headers written by us and read by the npm package netlink, and the other way round. */

import fc from "fast-check";
import * as theirs from "netlink/dist/rt/structs.js";
import { formatMessage, parseMessages } from "netlink/dist/structs.js";
import { expect, test } from "vitest";
import { addressToBytes } from "../../../../src/addr/address.ts";
import { macToBytes } from "../../../../src/addr/mac.ts";
import { decodeMessages, encodeMessage } from "../../../../src/netlink/codec/message.ts";
import { addressMessage } from "../../../../src/netlink/route/address.ts";
import { linkMessage } from "../../../../src/netlink/route/link.ts";
import { anyAddress, anyMac } from "../../../support/fixtures/values.ts";
import { bytesOf, expectSame, index, text, u8, u32 } from "../../../support/netlink/netlink-package.ts";

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
