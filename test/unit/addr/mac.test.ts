/** MAC addresses: forms of text, bytes, and which ones a station may bear. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { isStationMac, localMac, macFromBytes, macToBytes, parseMac } from "../../../src/addr/mac.ts";
import { anyMac } from "../../support/fixtures/values.ts";

test.for(["c2:b0:57:49:47:f1", "C2:B0:57:49:47:F1", "c2-b0-57-49-47-f1", "c2b0.5749.47f1", "C2B0.5749.47F1"])(
  "parseMac() gives canonical text when given %s",
  (text) => {
    expect(parseMac(text)).toBe("c2:b0:57:49:47:f1");
  },
);

test.for([
  "",
  "c2:b0:57:49:47",
  "c2:b0:57:49:47:f1:00",
  "c2:b0:57:49:47:g1",
  "c2b0574947f1",
  "c2:b0-57:49:47:f1",
  "c2:b0:57:49:47:f",
  " c2:b0:57:49:47:f1",
  "c2:b0:57:49:47:f1\n",
  "c2b0.5749",
  "c2b0:5749:47f1",
])("parseMac() gives undefined when given %j", (text) => {
  expect(parseMac(text)).toBeUndefined();
});

test("macFromBytes() undoes macToBytes() when given any address", () => {
  fc.assert(
    fc.property(anyMac, (mac) => {
      expect(macFromBytes(macToBytes(mac))).toBe(mac);
      expect(parseMac(mac)).toBe(mac);
    }),
  );
});

test("macToBytes() undoes macFromBytes() when given any number of bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect(macToBytes(macFromBytes(bytes))).toEqual(bytes);
    }),
  );
});

test.for([
  ["02:00:00:00:00:01", true],
  ["00:00:00:00:00:01", true],
  ["00:00:00:00:00:00", false],
  ["01:00:5e:00:00:01", false],
  ["ff:ff:ff:ff:ff:ff", false],
  ["33:33:00:00:00:01", false],
] as const)("isStationMac() refuses group and zero addresses when given %s", ([mac, wanted]) => {
  expect(isStationMac(mac)).toBe(wanted);
});

test("localMac() gives a locally administered station address when given any seed", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (seed) => {
      const mac = localMac(seed);
      expect(isStationMac(mac)).toBe(true);
      expect((macToBytes(mac)[0] ?? 0) & 3).toBe(2);
      expect(parseMac(mac)).toBe(mac);
    }),
  );
});

test.for([
  [0n, "02:00:00:00:00:00"],
  [0x123456789abcn, "12:34:56:78:9a:bc"],
  [0xffff_ffff_ffff_ffffn, "fe:ff:ff:ff:ff:ff"],
  [0x01_00_00_00_00_01n, "02:00:00:00:00:01"],
] as const)("localMac() keeps the seed's other bits when given %i", ([seed, mac]) => {
  expect(localMac(seed)).toBe(mac);
});
