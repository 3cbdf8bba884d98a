/** Performance tiers: what their JSON may say, and what is refused. */

import { expect, test } from "vitest";
import { decodeTier } from "../../../../src/network/format/perf-tier.ts";
import { located } from "../../../support/fixtures/networks.ts";

const GOLD = { minIops: 10_000, minBandwidthMbps: 250 };

test.for([
  [GOLD],
  [{ ...GOLD, maxIops: 10_000, maxBandwidthMbps: 250 }],
  [{ minIops: 0, minBandwidthMbps: 0, maxBandwidthMbps: 1 }],
  [{ ...GOLD, labels: { "diamanti.com/template": "true", app: "" } }],
  [{ ...GOLD, labels: {} }],
] as const)("decodeTier() gives the document with its name when it is %j", ([document]) => {
  expect(decodeTier(located(document), "gold")).toStrictEqual({ name: "gold", ...document });
});

test.for([
  ["minIops", { minIops: undefined }, "is missing"],
  ["minBandwidthMbps", { minBandwidthMbps: undefined }, "is missing"],
  ["minIops", { minIops: -1 }, /^want a whole number from 0 to 4294967295, got -1$/],
  ["minBandwidthMbps", { minBandwidthMbps: 0.5 }, /got 0.5$/],
  ["minBandwidthMbps", { minBandwidthMbps: "250M" }, /got "250M"$/],
  ["maxIops", { maxIops: 9_999 }, /^want a whole number from 10000 to/],
  ["maxBandwidthMbps", { maxBandwidthMbps: 249 }, /^want a whole number from 250 to/],
  ["maxBandwidthMbps", { minBandwidthMbps: 0, maxBandwidthMbps: 0 }, /^want a whole number from 1 to/],
  ["maxBandwidthMbps", { maxBandwidthMbps: 2 ** 32 }, /to 4294967295, got 4294967296$/],
  ["maxBandwith", { maxBandwith: 5 }, 'is unknown; did you mean "maxBandwidthMbps"?'],
  ["labels", { labels: ["a"] }, 'want an object, got ["a"]'],
  ["labels.app", { labels: { app: 1 } }, /^want nothing or 1 to 63 letters.*got 1$/],
  ["labels.a b", { labels: { "a b": "" } }, /^want a key like/],
] as const)("decodeTier() refuses %s when given %j", ([field, more, problem]) => {
  expect(() => decodeTier(located({ ...GOLD, ...more }), "gold")).toThrow(
    expect.objectContaining({
      field,
      problem: typeof problem === "string" ? problem : expect.stringMatching(problem),
    }),
  );
});

test("decodeTier() refuses the file when it would change best-effort", () => {
  expect(() => decodeTier(located(GOLD), "best-effort")).toThrow(/built in and cannot be changed/);
});
