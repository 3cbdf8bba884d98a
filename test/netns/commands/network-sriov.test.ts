/** `podwire network create` on a node with cards that have virtual functions, as sysfs shows them. */

import { expect, test } from "vitest";
import { CONFIG, createNode, podwire, succeed, succeedJson } from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";
import { type FakePf, FakeSysfs } from "../../support/sriov/fake-sysfs.ts";

const WEB = "-s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.100 -v 120";

const TWO_CARDS: readonly FakePf[] = [
  { ifname: "ens1f0", bus: "3b", vfs: [{}, {}] },
  { ifname: "ens1f1", bus: "3c", vfs: [{}] },
  { ifname: "ens2f0", bus: "5e", vfs: [] },
];

/** Lets the node see that tree as its /sys. */
async function withCards(pfs: readonly FakePf[], run: (node: Node) => void): Promise<void> {
  using sysfs = new FakeSysfs(pfs);
  await using node = await createNode();
  node.sh(`mount --bind ${sysfs.root} /sys`);
  run(node);
}

test("create takes every PF that has VFs when no way to attach is given", () =>
  withCards(TWO_CARDS, (node) => {
    expect(succeedJson(node, `network create web ${WEB}`).attach).toEqual({
      kind: "sriov",
      pfs: ["ens1f0", "ens1f1"],
      driver: "netdev",
    });
  }));

test("create writes all settings of VFs when they are given", () =>
  withCards(TWO_CARDS, (node) => {
    const settings =
      "--pf ens1f0,ens1f1 --vfs 0-3,6 --driver vfio-pci --bind --spoofchk off --trust on --link-state enable --vlan-qos 3 --vlan-proto 802.1ad";
    succeed(node, `network create web ${WEB} --attach sriov ${settings}`);
    expect(node.json(`cat ${CONFIG}/networks/web.json`)).toMatchObject({
      vlanQos: 3,
      vlanProto: "802.1ad",
      attach: {
        kind: "sriov",
        pfs: ["ens1f0", "ens1f1"],
        vfs: "0-3,6",
        driver: "vfio-pci",
        bind: true,
        spoofchk: false,
        trust: true,
        linkState: "enable",
      },
    });
    expect(succeed(node, "network get web")).toMatch(
      /^10\.10\.120\.0\/24 +10\.10\.120\.100 +sriov +ens1f0,ens1f1 +0-3,6 +vfio-pci$/m,
    );
  }));

test("create takes a PF without VFs when it is named", () =>
  withCards(TWO_CARDS, (node) => {
    expect(succeedJson(node, `network create web ${WEB} --pf ens2f0`).attach.pfs).toEqual(["ens2f0"]);
  }));

test.for([
  [
    "--pf eth1",
    "--pf eth1: this node has no such physical function",
    "it has: ens1f0 (2 of 7 VFs), ens1f1 (1 of 7 VFs)",
  ],
  ["--pf ens1f0 --vfs 0-7", "--vfs: VF 7 is too many: ens1f0 can have 7, 0 to 6", ""],
  ["--pf ens1f0,ens1f0", '--pf: "ens1f0" is there twice', ""],
  ["--pf ens1f0 --bind", '--bind: has a meaning with driver "vfio-pci" only', ""],
  ["--pf ens1f0 --vfs 7-0", "--vfs: want VFs by index in ascending order", ""],
  ["--pf ens1f0 --vlan-qos 8", "--vlan-qos: want a whole number from 0 to 7, got 8", ""],
  ["--pf ens1f0 --link-state up", "Allowed choices are auto, enable, disable.", ""],
  ["--attach sriov --uplink eth1", '--uplink: has no meaning with kind "sriov"', ""],
] as const)("create refuses the network when the options are %s", ([options, problem, advice]) =>
  withCards(TWO_CARDS, (node) => {
    const { exitCode, stderr } = podwire(node, `network create web ${WEB} ${options}`);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(problem);
    expect(stderr).toContain(advice);
  }),
);

test("create says how to make VFs when cards have none", () =>
  withCards([{ ifname: "ens2f0", bus: "5e", vfs: [] }], (node) => {
    const { exitCode, stderr } = podwire(node, `network create web ${WEB}`);
    expect([exitCode, stderr]).toEqual([
      1,
      "error: no physical function of this node has virtual functions to give\n" +
        "  it has: ens2f0 (0 of 7 VFs): make some with podwire vf set-count PF NUMBER\n",
    ]);
  }));
