/** What a pod's virtual function is to have where nobody says anything. */

import { expect, test } from "vitest";
import { unaskedSettings } from "../../../../../src/attachment/kinds/sriov/wanted-settings.ts";
import { RESET, type VfSettings } from "../../../../../src/sriov/vf-settings.ts";

const { mac: _mac, spoofchk: _spoofchk, ...UNASKED } = RESET;
const LEFT: VfSettings = {
  mac: "02:00:00:00:00:01",
  vlan: 100,
  qos: 5,
  proto: "802.1ad",
  minTxRateMbps: 10,
  maxTxRateMbps: 50,
  spoofchk: false,
  trust: true,
  linkState: "disable",
};

test("unaskedSettings() gives all but MAC and spoof check when the card shows everything", () => {
  expect(unaskedSettings(LEFT, 1_000)).toEqual(UNASKED);
  expect(unaskedSettings(LEFT, undefined)).toEqual(UNASKED);
});

test("unaskedSettings() leaves out what the card does not show", () => {
  const { trust: _, ...shown } = LEFT;
  const { trust: __, ...expected } = UNASKED;
  expect(unaskedSettings(shown, 1_000)).toEqual(expected);
  expect(unaskedSettings({}, 1_000)).toEqual({});
});

test("unaskedSettings() takes a limit for none when the wire is no faster", () => {
  for (const speedMbps of [49, 50])
    expect(unaskedSettings(LEFT, speedMbps)).toEqual({ ...UNASKED, maxTxRateMbps: 50 });
  expect(unaskedSettings(LEFT, 51)).toEqual(UNASKED);
});
