/** The name of the bridge on an interface of the node. */

import { expect, test } from "vitest";
import { uplinkBridgeOf } from "../../../../src/attachment/kinds/uplink.ts";

const LONG = "enp129s0f0np0v1";
const OTHER = "enp129s0f0np0v2";

test.for([
  ["eth1", "pw-eth1"],
  ["enp129s0f0np", "pw-enp129s0f0np"],
])(
  "uplinkBridgeOf() is the interface's name with pw- before it when that is short, as of %s",
  ([uplink, name]) => {
    expect(uplinkBridgeOf(uplink ?? "")).toBe(name);
  },
);

test.for([LONG, "enp129s0f0np0", "ünïcödëab"])(
  "uplinkBridgeOf() is a name that the kernel takes when the interface is called %s",
  (uplink) => {
    expect(uplinkBridgeOf(uplink)).toMatch(/^pw-/);
    expect(new TextEncoder().encode(uplinkBridgeOf(uplink)).length).toBeLessThanOrEqual(15);
  },
);

test("uplinkBridgeOf() differs when the ends of two long names do", () => {
  expect(uplinkBridgeOf(LONG)).not.toBe(uplinkBridgeOf(OTHER));
  expect(uplinkBridgeOf(LONG)).toBe(uplinkBridgeOf(LONG));
});
