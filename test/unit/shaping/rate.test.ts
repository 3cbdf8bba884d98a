/** Rates: what a token bucket makes of bits and bits a second. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf } from "../../../src/shaping/rate.ts";

const M = 1_000_000;

const buckets = [
  { name: "a rate and a burst", rate: { rate: 8 * M, burst: 800_000 }, bucket: [M, 100_000, 125_000] },
  { name: "odd bits", rate: { rate: 8 * M + 7, burst: 800_007 }, bucket: [M, 100_000, 125_000] },
  { name: "one byte a second", rate: { rate: 8, burst: 16_000 }, bucket: [1, 2000, 2000] },
  { name: "a slow rate alone", rate: { rate: 8 * M }, bucket: [M, 32_768, 57_768] },
  { name: "a fast rate alone", rate: { rate: 800 * M }, bucket: [100 * M, M, 3_500_000] },
  {
    name: "rates beyond 32 bits",
    rate: { rate: 80_000 * M, burst: 8 },
    bucket: [10_000 * M, 1, 250_000_001],
  },
] as const;

test.for(buckets)("bucketOf() gives rate, burst and limit in bytes for $name", ({ rate, bucket }) => {
  const { rate: bytes, burst, limit } = bucketOf(rate);
  expect([bytes, burst, limit]).toEqual(bucket);
});

test("bucketOf() gives a limit that fits 32 bits when rates are enormous", () => {
  expect(bucketOf({ rate: Number.MAX_SAFE_INTEGER, burst: 8 * M }).limit).toBe(0xff_ff_ff_ff);
});

test("bucketOf() gives room for full packets when the burst is left out, whatever the rate", () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 2 ** 40 }), (rate) => {
      const { burst, limit } = bucketOf({ rate });
      expect(burst).toBeGreaterThanOrEqual(20 * 1514);
      expect(limit).toBeGreaterThanOrEqual(burst);
    }),
  );
});
