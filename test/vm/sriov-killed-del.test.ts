/** DEL of a pod on a virtual function, killed or refused at each of its changes: what comes next sets all right. */

import { afterEach, beforeAll, expect, test } from "vitest";
import type { SriovNode } from "../support/sriov/sriov.ts";
import { KILL } from "../support/sriov/sriov-faults.ts";
import {
  createNode,
  failuresAt,
  POD,
  REMEDIES,
  remedy,
  SWEEP_TIMEOUT_MS,
} from "../support/sriov/sriov-killed.ts";

let node: SriovNode;
beforeAll(async () => {
  node = await createNode();
});
afterEach(() => node.expectEmpty());

test.each(REMEDIES)(
  "%s when DEL was killed before any of its changes",
  async (name) => {
    expect(await failuresAt(node, { verb: "DEL", effect: KILL, next: remedy(node, name) })).toEqual([]);
  },
  SWEEP_TIMEOUT_MS,
);

test(
  "DEL forgets nothing when any of its changes is refused, and the next one finishes",
  async () => {
    const next = `ls /run/podwire/mynet/c1:eth0.json > /dev/null\n${node.line("DEL", POD)}`;
    expect(await failuresAt(node, { verb: "DEL", effect: "error=EIO", next })).toEqual([]);
  },
  SWEEP_TIMEOUT_MS,
);
