/** ADD of a pod on a virtual function, killed at each of its changes: what comes next sets all right. */

import { afterEach, beforeAll, expect, test } from "vitest";
import type { SriovNode } from "../support/sriov/sriov.ts";
import { failuresOf, KILL } from "../support/sriov/sriov-faults.ts";
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
  "%s when ADD was killed before any of its changes",
  async (name) => {
    expect(await failuresAt(node, { verb: "ADD", effect: KILL, next: remedy(node, name) })).toEqual([]);
  },
  SWEEP_TIMEOUT_MS,
);

test("DEL leaves a function alone that the host uses since ADD was killed before its claim", async () => {
  const { ifname } = node.vf(0);
  const next = `ip link set ${ifname} up; ${node.line("DEL", POD)}
    ip link show ${ifname} | grep -q ',UP' || ip link show ${ifname}
    ip link set ${ifname} down`;
  const isAt = ({ syscall }: { syscall: string }) => syscall === "symlink";
  const fault = { verb: "ADD", pod: POD, effect: KILL, next, isAt } as const;
  expect(await failuresOf(node, fault)).toEqual({ count: 1, failures: [] });
});
