/** `podwire doctor kernel`: what this kernel lacks, and who asks for it. */

import { expect, test } from "vitest";
import {
  askingOfNetwork,
  judgeFeatures,
  judgeVersion,
} from "../../../../../../src/cli/doctor/checks/host/kernel.ts";
import { said } from "../../../../../support/fixtures/doctor.ts";
import { network, SRIOV } from "../../../../../support/fixtures/networks.ts";

test.for([
  ["5.8.0", "ok"],
  ["5.10.0-28-amd64", "ok"],
  ["6.1.0", "ok"],
  ["10.0", "ok"],
  ["5.7.19", "fault"],
  ["4.18.0-553.el8.x86_64", "fault"],
] as const)("judgeVersion() takes Linux %s for %s when 5.8 is the oldest", ([release, level]) => {
  expect(said(judgeVersion(release))).toEqual([[level, `Linux ${release}`]]);
});

test("judgeFeatures() is content when nothing is lacking", () => {
  expect(said(judgeFeatures({}, []))).toEqual([["ok", "has what the configurations of this node ask for"]]);
});

test("judgeFeatures() finds a fault and names who asks when a feature is asked for", () => {
  const asking = [{ feature: "inetRules", by: '"ipMasq" in plugins[0] of /x.conflist' }] as const;
  const [finding, ...others] = judgeFeatures({ inetRules: "EOPNOTSUPP" }, asking);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    level: "fault",
    text: "no nf_tables with NAT: EOPNOTSUPP",
    details: ['asked for by "ipMasq" in plugins[0] of /x.conflist'],
    command: expect.stringContaining("CONFIG_NFT_MASQ"),
  });
});

test("judgeFeatures() warns with the fields when nobody asks for the feature", () => {
  const [first, second] = judgeFeatures({ ifb: "EOPNOTSUPP", vlan: "EOPNOTSUPP" }, [
    { feature: "tokenBucket", by: "somebody" },
  ]);
  expect(first?.level).toBe("ok");
  expect(second).toMatchObject({
    level: "warning",
    text: "no ifb devices (egressRate, bandwidth), no interfaces of VLANs (networks with a VLAN and --attach macvlan)",
  });
});

test.for(["bridge", "veth"] as const)(
  "judgeFeatures() finds a fault when %s is lacking and nobody asks",
  (name) => {
    expect(judgeFeatures({ [name]: "EOPNOTSUPP" }, [])[0]).toMatchObject({ level: "fault", details: [] });
  },
);

test.for([
  ["a bridge with a VLAN", { vlan: 5, attach: { kind: "bridge", uplink: "eth1" } }, ["vlanFiltering"]],
  ["a bridge without", { vlan: undefined, attach: { kind: "bridge", uplink: "eth1" } }, []],
  ["macvlan with a VLAN", { vlan: 5, attach: { kind: "macvlan", uplink: "eth1" } }, ["macvlan", "vlan"]],
  ["macvlan without", { vlan: undefined, attach: { kind: "macvlan", uplink: "eth1" } }, ["macvlan"]],
  ["virtual functions", { vlan: 5, attach: SRIOV }, []],
] as const)("askingOfNetwork() gives what the kernel needs when pods have %s", ([, more, features]) => {
  expect(askingOfNetwork(network("web", more)).map(({ feature }) => feature)).toEqual(features);
});
