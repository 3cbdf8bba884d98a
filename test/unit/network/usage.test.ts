/** Usage: how many addresses a network has, and which count as used. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listReserved, usageOf } from "../../../src/network/usage.ts";
import { network, WEB_RANGE, WEB_RANGE_6 } from "../../support/fixtures/networks.ts";
import { address } from "../../support/fixtures/values.ts";

const ep = (name: string, ...addresses: string[]) => ({
  name,
  namespace: "default",
  network: "web",
  addresses: addresses.map(address),
});

test.for([
  [WEB_RANGE, 90n],
  [{ ...WEB_RANGE, end: "10.10.120.11" }, 1n],
  [{ ...WEB_RANGE, start: "10.10.120.190", end: "10.10.120.200", gateway: undefined }, 11n],
  [{ subnet: "fd00::/64", start: "fd00::1", end: "fd00::ffff:ffff:ffff:ffff" }, 2n ** 64n - 1n],
] as const)("usageOf() counts both ends when the range is %j", ([range, total]) => {
  expect(usageOf(network("web", { ranges: [range] }), [], [])).toEqual([{ total, used: 0 }]);
});

test.for([
  ["nobody has one", [], [], 0],
  ["pods have some", ["10.10.120.11", "10.10.120.12"], [], 2],
  ["an endpoint keeps one", [], [ep("a", "10.10.120.91")], 1],
  ["a pod uses an endpoint", ["10.10.120.11", "10.10.120.91"], [ep("a", "10.10.120.91")], 2],
  ["an endpoint is of another network", [], [{ ...ep("a", "10.9.0.1"), network: "blue" }], 0],
] as const)("usageOf() counts each address once when %s", ([, reserved, endpoints, used]) => {
  expect(usageOf(network("web"), reserved, endpoints)).toEqual([{ total: 90n, used }]);
});

test("usageOf() counts by family when the network is dual stack", () => {
  const dual = network("web", { ranges: [WEB_RANGE_6, WEB_RANGE] });
  const reserved = ["10.10.120.11", "fd00:120::11", "10.10.120.12"];
  expect(usageOf(dual, reserved, [ep("a", "10.10.120.91", "fd00:120::91")])).toEqual([
    { total: 495n, used: 2 },
    { total: 90n, used: 3 },
  ]);
});

test("listReserved() gives addresses alone when the directory has other files too", () => {
  const pool = mkdtempSync(join(tmpdir(), "podwire-pool-"));
  try {
    mkdirSync(join(pool, "web"));
    const others = ["lock", "boot_id", "last_reserved_ip.0", ".10.10.120.13.4711"];
    const addresses = ["10.10.120.11", "::5", "fd00:120::11"];
    for (const name of [...others, ...addresses]) writeFileSync(join(pool, "web", name), "");
    expect(listReserved(pool, "web").sort()).toEqual(addresses.sort());
  } finally {
    rmSync(pool, { recursive: true });
  }
});

test("listReserved() gives nothing when no pod ever had an address", () => {
  expect(listReserved("/nonexistent", "web")).toEqual([]);
});
