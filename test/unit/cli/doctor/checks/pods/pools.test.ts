/** `podwire doctor pools`: how near to their end pools are. */

import { expect, test } from "vitest";
import { judgePools, type Usage } from "../../../../../../src/cli/doctor/checks/pods/pools.ts";
import { commands, said } from "../../../../../support/fixtures/doctor.ts";

const usage = (used: number, more: Partial<Usage> = {}): Usage => ({
  network: "mynet",
  dataDir: "/var/lib/cni/networks",
  range: "10.1.0.1-10.1.0.254",
  family: 4,
  used,
  total: 100n,
  stale: 0,
  ...more,
});

test.for([
  [0, "ok"],
  [79, "ok"],
  [80, "warning"],
  [99, "warning"],
  [100, "fault"],
  [101, "fault"],
] as const)("judgePools() takes %i of 100 addresses for %s", ([used, level]) => {
  expect(judgePools([usage(used)]).map((found) => found.level)).toEqual([level]);
});

test.for([
  ["somebody has all", 0, "podwire addresses mynet --holders"],
  ["nobody has some", 3, "podwire gc"],
] as const)("judgePools() gives the command when the pool is full and %s", ([, stale, command]) => {
  expect(commands(judgePools([usage(100, { stale })]))).toEqual([command]);
});

test.for([
  ["has no range", { total: undefined, range: "" }],
  ["is as large as IPv6's are", { total: 2n ** 64n }],
] as const)("judgePools() is content when a pool %s", ([, more]) => {
  expect(judgePools([usage(1_000_000, more)]).map(({ level }) => level)).toEqual(["ok"]);
});

test("judgePools() finds a fault when a range has no address to give", () => {
  expect(said(judgePools([usage(0, { total: 0n })]))).toEqual([
    ["fault", 'network "mynet": all 0 addresses of 10.1.0.1-10.1.0.254 are taken'],
  ]);
});
