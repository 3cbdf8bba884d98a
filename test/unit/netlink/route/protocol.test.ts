/** Every rtnetlink message: values survive the wire, and no bytes do more harm than a DecodeError. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../../src/netlink/codec/error.ts";
import { type PayloadType, readPayload } from "../../../../src/netlink/codec/type.ts";
import { addressMessage } from "../../../../src/netlink/route/address.ts";
import { bridgeVlanMessage } from "../../../../src/netlink/route/bridge-vlan.ts";
import { linkMessage } from "../../../../src/netlink/route/link.ts";
import { neighbourMessage } from "../../../../src/netlink/route/neighbour.ts";
import { addressFamily, rtnetlink } from "../../../../src/netlink/route/protocol.ts";
import { routeMessage, rtnexthop } from "../../../../src/netlink/route/route.ts";
import {
  anyAddressMessage,
  anyBridgeVlan,
  anyLink,
  anyNeighbour,
  anyRoute,
  nearlyAttributes,
} from "../../../support/netlink/messages.ts";

function expectRoundTrip<T>(type: PayloadType<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(readPayload(type, type.write(value, {}))).toEqual(value);
    }),
    { numRuns: 300 },
  );
}

test("linkMessage reads what it writes when given any link", () => expectRoundTrip(linkMessage, anyLink));
test("addressMessage reads what it writes when given any address", () =>
  expectRoundTrip(addressMessage, anyAddressMessage));
test("routeMessage reads what it writes when given any route", () => expectRoundTrip(routeMessage, anyRoute));
test("bridgeVlanMessage reads what it writes when given any VLANs", () =>
  expectRoundTrip(bridgeVlanMessage, anyBridgeVlan));
test("neighbourMessage reads what it writes when given any neighbour", () =>
  expectRoundTrip(neighbourMessage, anyNeighbour));

/** Random bytes, and random attributes behind a whole header. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc
    .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), nearlyAttributes)
    .map(([header, rest]) => [header, rest]),
  fc.tuple(fc.uint8Array({ minLength: 8, maxLength: 8 }), nearlyAttributes),
  fc.tuple(fc.uint8Array({ minLength: 12, maxLength: 12 }), nearlyAttributes),
);

function joined(parts: Uint8Array | Uint8Array[]): Uint8Array {
  return parts instanceof Uint8Array ? parts : Uint8Array.from(parts.flatMap((part) => [...part]));
}

test.for(Object.entries(rtnetlink.messages))(
  "%s gives a value or a DecodeError when given random bytes",
  ([, row]) => {
    const type: PayloadType<unknown> = row[1];
    fc.assert(
      fc.property(anyBytes.map(joined), (bytes) => {
        try {
          readPayload(type, bytes);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  },
);

test.for(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "linkMessage keeps the bytes of IFLA_INFO_DATA when a link's kind is %s",
  (kind) => {
    const link = { IFLA_LINKINFO: { IFLA_INFO_KIND: kind, IFLA_INFO_DATA: { raw: Uint8Array.of(1, 2, 3) } } };
    const bytes = linkMessage.write({ IFLA_LINKINFO: { IFLA_INFO_KIND: kind } }, {});
    const withData = Uint8Array.from([...bytes, 7, 0, 2, 0, 1, 2, 3, 0]);
    const infoLength = withData.length - 16;
    withData.set([infoLength & 0xff, infoLength >> 8], 16);
    expect(readPayload(linkMessage, withData)).toMatchObject(link);
  },
);

test("linkMessage names every attribute on the way when a veth's peer is wrong", () => {
  const peer = { IFLA_IFNAME: "eth0", IFLA_MTU: 1500 };
  const info = { IFLA_INFO_KIND: "veth", IFLA_INFO_DATA: { VETH_INFO_PEER: peer } };
  const bytes = linkMessage.write({ IFLA_LINKINFO: info }, {});
  bytes[bytes.length - 8] = 7; // IFLA_MTU, the last attribute: three bytes instead of four
  expect(() => readPayload(linkMessage, bytes)).toThrow(
    expect.objectContaining({
      message: "IFLA_LINKINFO/IFLA_INFO_DATA/VETH_INFO_PEER/IFLA_MTU: 3 bytes, want 4",
    }),
  );
});

test("linkMessage names the port's attribute when IFLA_INFO_SLAVE_DATA is wrong", () => {
  const info = { IFLA_INFO_SLAVE_KIND: "bridge", IFLA_INFO_SLAVE_DATA: { IFLA_BRPORT_ISOLATED: 1 } };
  const bytes = linkMessage.write({ IFLA_LINKINFO: info }, {});
  bytes[bytes.length - 8] = 6;
  expect(() => readPayload(linkMessage, bytes)).toThrow(
    expect.objectContaining({ path: ["IFLA_LINKINFO", "IFLA_INFO_SLAVE_DATA", "IFLA_BRPORT_ISOLATED"] }),
  );
});

test("linkMessage.locate() names the peer's attribute when the offset lies in it", () => {
  const peer = { IFLA_IFNAME: "eth0", IFLA_MTU: 1500 };
  const info = { IFLA_INFO_KIND: "veth", IFLA_INFO_DATA: { VETH_INFO_PEER: peer } };
  const bytes = linkMessage.write({ IFLA_LINKINFO: info }, {});
  expect(linkMessage.locate?.(bytes, bytes.length - 8, {})).toEqual([
    "IFLA_LINKINFO",
    "IFLA_INFO_DATA",
    "VETH_INFO_PEER",
    "IFLA_MTU",
  ]);
});

test("rtnexthop gives a DecodeError when RTA_MULTIPATH is shorter than one entry", () => {
  expect(() => rtnexthop.read(new Uint8Array(3), {})).toThrow(DecodeError);
});

test.for([
  [4, 2],
  [6, 10],
] as const)("addressFamily() gives the kernel's number when the family is %i", ([family, number]) => {
  expect(addressFamily(family)).toBe(number);
});
