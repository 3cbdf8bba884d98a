/** Where pods' packets enter the node, from configurations and records. */

import { expect, test } from "vitest";
import type { AttachmentRecord } from "../../../../src/attachment/record/record.ts";
import { configuredBy } from "../../../../src/attachment/removal.ts";
import { ingressOfConfig, ingressOfRemoval } from "../../../../src/attachment/rules/ingress.ts";
import { requestOf } from "../../../support/fixtures/request.ts";

const OUTPUT = { report: () => {}, trace: undefined };

const BRIDGE = { ifname: "cni0", bridge: "cni0" };
const VLAN = { ifname: "cni0.7", bridge: "cni0", vlan: 7 };

const entries: [conf: object, entry: object][] = [
  [{}, BRIDGE],
  [{ isGateway: true }, BRIDGE],
  [{ vlan: 7 }, BRIDGE],
  [{ vlanTrunk: [{ id: 7 }], isGateway: true }, BRIDGE],
  [{ vlan: 7, isGateway: true }, VLAN],
  [{ vlan: 7, isDefaultGateway: true }, VLAN],
  [
    { bridge: "br1", vlan: 7, isGateway: true },
    { ifname: "br1.7", bridge: "br1", vlan: 7 },
  ],
];

test.for(entries)("ingressOfConfig() of %j is %j", ([conf, entry]) => {
  expect(ingressOfConfig(requestOf(conf).netconf.bridge)).toEqual(entry);
});

test.for(entries)("ingressOfRemoval() of %j without a record is %j", ([conf, entry]) => {
  expect(ingressOfRemoval({ record: undefined, configured: configuredBy(requestOf(conf), OUTPUT) })).toEqual(
    entry,
  );
});

test.for([{ bridge: 5 }, { isGateway: 1 }, { vlan: "7", isGateway: true }])(
  "ingressOfRemoval() is no interface when there is no record and the configuration is %j",
  (conf) => {
    expect(
      ingressOfRemoval({ record: undefined, configured: configuredBy(requestOf(conf), OUTPUT) }).ifname,
    ).toBe("");
  },
);

const RECORD: AttachmentRecord = {
  network: "mynet",
  containerId: "c1",
  ifname: "eth0",
  kind: "bridge",
  netns: "",
  hostIfname: "veth0",
  bridge: "cni0",
  mtu: 1500,
  addressing: { kind: "none" },
  createdAt: "",
};

test("ingressOfRemoval() believes the record when the configuration says something else", () => {
  const configured = configuredBy(requestOf({ bridge: "br1", vlan: 9, isGateway: true }), OUTPUT);
  expect(ingressOfRemoval({ record: { ...RECORD, gatewayVlan: 7 }, configured })).toEqual(VLAN);
  expect(ingressOfRemoval({ record: RECORD, configured })).toEqual(BRIDGE);
});
