/** What an attachment's row says of the node. */

import { expect, test } from "vitest";
import type { AttachmentRecord } from "../../../../src/attachment/record/record.ts";
import { describeNodeSide } from "../../../../src/cli/attachment/view.ts";
import { record } from "../../../support/fixtures/records.ts";

/** Without a pair of its own on the node. */
function unpaired(more: Partial<AttachmentRecord>): AttachmentRecord {
  const { hostIfname: _, bridge: __, ...others } = record();
  return { ...others, ...more };
}

const UPLINK = { ifname: "eth1", mac: "02:00:00:00:00:01" };
const VF: NonNullable<AttachmentRecord["vf"]> = {
  pf: "ens1f0",
  index: 3,
  pciAddress: "0000:3b:02.3",
  driver: "iavf",
  original: {},
  wanted: {},
};

test.for([
  ["a port of a bridge", record({ hostIfname: "veth1", bridge: "cni0" }), "veth1 (cni0)"],
  ["a pair of its own", unpaired({ kind: "ptp", hostIfname: "veth1" }), "veth1"],
  ["a macvlan interface", unpaired({ kind: "macvlan", uplink: UPLINK }), "eth1"],
  ["a macvlan interface in a VLAN", unpaired({ kind: "macvlan", uplink: { ...UPLINK, vlan: 5 } }), "eth1.5"],
  ["a virtual function", unpaired({ kind: "sriov", vf: VF }), "ens1f0 VF 3"],
  ["nothing on the node", unpaired({}), ""],
] as const)("describeNodeSide() names what is on the node when the pod has %s", ([, one, text]) => {
  expect(describeNodeSide(one)).toBe(text);
});
