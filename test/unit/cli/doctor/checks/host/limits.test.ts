/** `podwire doctor sysctls`: tables of the kernel that fill up. */

import { expect, test } from "vitest";
import { judgeLimits } from "../../../../../../src/cli/doctor/checks/host/limits.ts";

test.for([
  [0, "ok"],
  [819, "ok"],
  [820, "warning"],
  [1023, "warning"],
  [1024, "fault"],
] as const)("judgeLimits() takes %i of 1024 entries for %s", ([used, level]) => {
  const limit = {
    what: "neighbours",
    key: "net/ipv4/neigh/default/gc_thresh3",
    used,
    most: 1024,
    meaning: "gone",
  };
  const [found] = judgeLimits([limit]);
  expect([found?.level, found?.command]).toEqual([
    level,
    level === "ok" ? "" : "sysctl -w net.ipv4.neigh.default.gc_thresh3=2048",
  ]);
});

test("judgeLimits() is content when this namespace shows no table", () => {
  expect(judgeLimits([])).toMatchObject([{ level: "ok" }]);
});
