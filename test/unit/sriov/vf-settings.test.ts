/** Which settings of a VF are to be put back. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { changedBy, lackingOf, RESET, type VfSettings } from "../../../src/sriov/vf-settings.ts";
import { anyMac } from "../../support/fixtures/values.ts";

type Partly = Partial<VfSettings>;

test.for([
  ["a single one differs", { trust: true }, RESET, { trust: false }],
  ["they are the same", { trust: false, mac: RESET.mac }, RESET, {}],
  ["nothing was wanted", {}, { ...RESET, vlan: 7 }, {}],
  [
    "one of a group differs",
    { vlan: 120 },
    { ...RESET, vlan: 120, qos: 5 },
    { vlan: 120, qos: 5, proto: "802.1q" },
  ],
  ["one rate differs", { maxTxRateMbps: 500 }, RESET, { minTxRateMbps: 0, maxTxRateMbps: 0 }],
  ["the driver did not say how it was", { spoofchk: false }, { mac: RESET.mac }, {}],
  [
    "the original says a part of a group",
    { vlan: 120, qos: 3 },
    { vlan: 120 },
    { vlan: 120, qos: 0, proto: "802.1q" },
  ],
] as const satisfies readonly (readonly [string, Partly, Partly, Partly])[])(
  "changedBy() gives what to put back when %s",
  ([, wanted, original, expected]) => {
    expect(changedBy(wanted, original)).toEqual(expected);
  },
);

const anySettings = fc.record({
  mac: anyMac,
  vlan: fc.integer({ min: 0, max: 4095 }),
  qos: fc.integer({ min: 0, max: 7 }),
  proto: fc.constantFrom("802.1q" as const, "802.1ad" as const),
  minTxRateMbps: fc.nat(100),
  maxTxRateMbps: fc.nat(100),
  spoofchk: fc.boolean(),
  trust: fc.boolean(),
  linkState: fc.constantFrom("auto" as const, "enable" as const, "disable" as const),
});

test("changedBy() gives all that makes a VF what it was when any settings were wanted of it", () => {
  fc.assert(
    fc.property(anySettings, anySettings, (wanted, original) => {
      expect({ ...wanted, ...changedBy(wanted, original) }).toEqual(original);
    }),
  );
});

test.for([
  ["it has them", { ...RESET, vlan: 7 }, { vlan: 7, trust: false, linkState: "auto" }, {}],
  ["one differs", { ...RESET, trust: true }, { vlan: 0, trust: false }, { trust: false }],
  [
    "one of a group differs",
    { ...RESET, vlan: 7, qos: 5 },
    { vlan: 7 },
    { vlan: 7, qos: 0, proto: "802.1q" },
  ],
  ["the card does not show one", { vlan: 7 }, { vlan: 7, trust: false }, { trust: false }],
  ["the card shows nothing", {}, { maxTxRateMbps: 50 }, { minTxRateMbps: 0, maxTxRateMbps: 50 }],
  [
    "the card shows that MAC",
    { mac: "02:00:00:00:00:01" },
    { mac: "02:00:00:00:00:01" },
    { mac: "02:00:00:00:00:01" },
  ],
] as const satisfies readonly (readonly [string, Partly, Partly, Partly])[])(
  "lackingOf() gives what to apply when %s",
  ([, present, wanted, expected]) => {
    expect(lackingOf(present, wanted)).toEqual(expected);
  },
);
