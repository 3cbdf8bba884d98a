/** Rates of pods on an uplink: a process killed at any message leaves nothing that the next call does not mend. */

import { expect, test } from "vitest";
import {
  ensuring,
  filterCountOf,
  killOnUplink,
  nodeWithUplink,
  onUplink,
  POD_MACS,
  podClassesOf,
  rootOf,
} from "../../support/pod/uplink.ts";

const { c1, c2 } = POD_MACS;
const REMOVE = `return removeUplinkClass(socket, ifindex, "${c1}");`;

test("ensureUplinkClass() is whole after the next call when a process was killed at any message of it", async () => {
  await using node = await nodeWithUplink();
  let nth = 1;
  for (; killOnUplink(node, ensuring(c1, { minMbps: 2 }), nth); nth++) {
    onUplink(node, ensuring(c1, { minMbps: 3 }));
    expect(podClassesOf(node)).toMatchObject([{ rate: "3Mbit" }]);
    expect(filterCountOf(node)).toBe(1);
    onUplink(node, REMOVE);
    expect(rootOf(node)).toBe("noqueue 0:");
  }
  expect(nth).toBeGreaterThan(2);
});

test("removeUplinkClass() is whole after the next call when a process was killed at any message of it", async () => {
  await using node = await nodeWithUplink();
  let nth = 1;
  for (; ; nth++) {
    onUplink(node, ensuring(c1, { minMbps: 2 }));
    if (!killOnUplink(node, REMOVE, nth)) break;
    onUplink(node, REMOVE);
    expect(rootOf(node)).toBe("noqueue 0:");
  }
  expect(nth).toBeGreaterThan(3);
});

test("removeUplinkClass() leaves no class without a filter when a process was killed at any message of it", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c2, { minMbps: 3 }));
  let nth = 1;
  for (; ; nth++) {
    onUplink(node, ensuring(c1, { minMbps: 2 }));
    if (!killOnUplink(node, REMOVE, nth)) break;
    expect(podClassesOf(node)).toHaveLength(filterCountOf(node));
  }
  expect(nth).toBeGreaterThan(3);
});
