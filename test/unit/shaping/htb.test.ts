/** Classes: what a request says of rates, bursts and turns. */

import { expect, test } from "vitest";
import type { ValueOf } from "../../../src/netlink/codec/type.ts";
import type { trafficControlMessage } from "../../../src/netlink/route/traffic-control.ts";
import { setClassRequest, toClassRates } from "../../../src/shaping/htb.ts";

/** The body of the request for these rates, in Mbit/s. */
function bodyOf(rateMbps: number, ceilMbps: number) {
  const request = setClassRequest(3, { classid: 0x7077_0010, parent: 0x7077_0002, rateMbps, ceilMbps });
  return request.body as ValueOf<typeof trafficControlMessage>; // `as`: the one that it makes
}

test.for([
  [1, 100_000],
  [12.5, 50],
  [40_000, 80_000],
])(
  "toClassRates() reads the rates that setClassRequest() wrote when they are %d and %d",
  ([rate = 0, ceil = 0]) => {
    expect(toClassRates(bodyOf(rate, ceil))).toEqual({ rateMbps: rate, ceilMbps: ceil });
  },
);

test.for([
  [1, 1514],
  [125, 15_625],
  [10_000, 200_000],
])("setClassRequest() gives a class of %d Mbit/s a turn of %d bytes", ([rate = 0, quantum]) => {
  expect(bodyOf(rate, rate).TCA_OPTIONS?.TCA_HTB_PARMS?.quantum).toBe(quantum);
});

test("setClassRequest() gives bursts as the ticks that they take, ten milliseconds but for the smallest rates", () => {
  const { buffer, cbuffer } = bodyOf(1, 100).TCA_OPTIONS?.TCA_HTB_PARMS ?? {};
  expect([buffer, cbuffer]).toEqual([4_096_000, 156_250]); // of 64 ns; 32 KiB take 262 ms
});

test("toClassRates() reads nothing when the message is of no class", () => {
  expect(toClassRates({ TCA_KIND: "htb", TCA_OPTIONS: {} })).toBeUndefined();
});
