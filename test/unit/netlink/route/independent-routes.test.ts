/** Routes and neighbours written by us and read by the npm package netlink, and the other way round. */

import fc from "fast-check";
import * as theirs from "netlink/dist/rt/structs.js";
import { test } from "vitest";
import { addressToBytes } from "../../../../src/addr/address.ts";
import { macToBytes } from "../../../../src/addr/mac.ts";
import { neighbourMessage } from "../../../../src/netlink/route/neighbour.ts";
import { routeMessage } from "../../../../src/netlink/route/route.ts";
import { anyAddress, anyMac } from "../../../support/fixtures/values.ts";
import { bytesOf, expectSame, index, u8, u32 } from "../../../support/netlink/netlink-package.ts";

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
