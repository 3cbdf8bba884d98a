/** Filters by source MAC address: the requests are tc's own, and every address has its slots. */

import { expect, test } from "vitest";
import { localMac } from "../../../src/addr/mac.ts";
import { decodeMessages } from "../../../src/netlink/codec/message.ts";
import { readPayload, type ValueOf } from "../../../src/netlink/codec/type.ts";
import { trafficControlMessage } from "../../../src/netlink/route/traffic-control.ts";
import {
  addFilterRequest,
  classAt,
  createTableRequests,
  deleteFilterRequest,
  slotOf,
  slotsOf,
  toMacFilter,
} from "../../../src/shaping/mac-filter.ts";
import { readGolden } from "../../support/netlink/golden.ts";

const QDISC = { ifindex: 3, handle: 0x7077_0000 };
const MAC = "02:00:00:00:01:7f";
const SLOT = { bucket: 0x7f, node: 0xa0 };

function goldenPayload(name: string): Uint8Array {
  return decodeMessages(readGolden(name))[0]?.payload ?? new Uint8Array(0);
}

const [table, link] = createTableRequests(QDISC);
const requests = [
  { name: "newtfilter-table", request: table },
  { name: "newtfilter-link", request: link },
  { name: "newtfilter-mac", request: addFilterRequest(QDISC, SLOT, MAC) },
  { name: "deltfilter", request: deleteFilterRequest(QDISC, SLOT) },
];

test.for(requests)("the request has tc's bytes when it is that of $name", ({ name, request }) => {
  const body = request?.body as ValueOf<typeof trafficControlMessage>; // `as`: all of them are of traffic control
  expect(trafficControlMessage.write(body, {}).toHex()).toBe(goldenPayload(name).toHex());
});

test("toMacFilter() reads address and slot when the kernel shows a filter", () => {
  const filter = readPayload(trafficControlMessage, goldenPayload("reply-tfilter-mac"));
  expect(toMacFilter(filter)).toEqual({ mac: MAC, slot: SLOT });
});

test.for(["newtfilter-table", "newtfilter-link"])("toMacFilter() passes over what %s made", (name) => {
  expect(toMacFilter(readPayload(trafficControlMessage, goldenPayload(name)))).toBeUndefined();
});

test("slotsOf() gives eight slots in the bucket of the last byte, none of them a class of the tree itself", () => {
  for (let seed = 0n; seed < 3000n; seed++) {
    const mac = localMac(seed * 0x0123_4567_89abn);
    const slots = slotsOf(mac);
    expect(new Set(slots.map(({ node }) => node)).size).toBe(8);
    for (const { bucket, node } of slots) {
      expect(bucket).toBe(Number.parseInt(mac.slice(-2), 16));
      expect(node).toBeGreaterThanOrEqual(16);
      expect(node).toBeLessThanOrEqual(255);
    }
  }
});

test("slotOf() undoes classAt() when given any slot", () => {
  for (const slot of [SLOT, { bucket: 0, node: 16 }, { bucket: 255, node: 255 }]) {
    expect(slotOf(classAt(QDISC, slot))).toEqual(slot);
  }
});
