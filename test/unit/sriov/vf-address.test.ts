/** Places of VFs, as cards of several makers have them. */

import { expect, test } from "vitest";
import { type VfSpacing, vfAddressAt, vfIndexAt } from "../../../src/sriov/vf-address.ts";

const PLACES: readonly (readonly [pf: string, spacing: VfSpacing, index: number, vf: string])[] = [
  ["0000:01:00.0", { offset: 128, stride: 2 }, 0, "0000:01:10.0"], // igb
  ["0000:01:00.1", { offset: 128, stride: 2 }, 6, "0000:01:11.5"],
  ["0000:3b:00.0", { offset: 2, stride: 1 }, 5, "0000:3b:00.7"], // mlx5
  ["0000:3b:00.0", { offset: 2, stride: 1 }, 6, "0000:3b:01.0"],
  ["0000:af:00.1", { offset: 79, stride: 1 }, 63, "0000:af:11.7"], // i40e
  ["10000:e1:00.0", { offset: 1, stride: 1 }, 255, "10000:e2:00.0"], // a domain of its own
];

test.for(PLACES)(
  "vfAddressAt() of %s and %j gives the place when VF %i is asked for: %s",
  ([pf, spacing, index, vf]) => {
    expect(vfAddressAt(pf, spacing, index)).toBe(vf);
  },
);

test.for(PLACES)("vfIndexAt() of %s and %j gives VF %i when it is at %s", ([pf, spacing, index, vf]) => {
  expect(vfIndexAt(pf, spacing, vf)).toBe(index);
});
