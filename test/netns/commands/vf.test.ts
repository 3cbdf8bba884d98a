/** `podwire vf` on nodes without cards, and with cards in a tree of files; real ones are tried in test/vm. */

import { expect, test } from "vitest";
import { podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { Node } from "../../support/node/node.ts";
import { type FakePf, FakeSysfs } from "../../support/sriov/fake-sysfs.ts";

/** A node whose sysfs is a tree of files, with an interface for each card. */
async function withCards(sysfs: FakeSysfs, cards: readonly FakePf[]): Promise<Node> {
  const node = await Node.create();
  for (const { ifname } of cards) node.sh(`ip link add ${ifname} type veth peer name far-${ifname}`);
  node.sh(`mount --bind ${sysfs.root} /sys`);
  return node;
}

const CLAIM = "mkdir -p /run/podwire/.vfs; ln -s '800 web/c1/eth0' /run/podwire/.vfs";

test("vf list says so when no card has functions", async () => {
  await using node = await Node.create();
  expect(succeed(node, "vf list")).toBe("no card of this node has virtual functions (SR-IOV)");
  expect(succeedJson(node, "vf list")).toEqual([]);
});

test("vf list shows what sysfs and claims say when the driver shows no settings", async () => {
  const cards = [{ ifname: "ens1", bus: "3b", vfs: [{}, { ifname: undefined }, { driver: "vfio-pci" }] }];
  using sysfs = new FakeSysfs(cards);
  await using node = await withCards(sysfs, cards);
  node.sh(`${CLAIM}/0000:3b:10.2`);
  const lines = succeed(node, "vf list").split("\n");
  expect(lines.map((line) => line.replaceAll(/ +/g, " ").trimEnd())).toEqual([
    "PF PCI ADDRESS DRIVER LINK SPEED VFS HELD RESERVED",
    "ens1 0000:3b:00.0 igb down 10G 3 of 7 1 800M",
    "",
    "PF VF PCI ADDRESS DRIVER INTERFACE VLAN MAC MIN RATE MAX RATE SPOOF CHECK TRUST LINK HOLDER SINCE",
    "ens1 0 0000:3b:10.0 igbvf ens1v0",
    "ens1 1 0000:3b:10.2 igbvf web/c1/eth0",
    "ens1 2 0000:3b:10.4 vfio-pci",
  ]);
});

test("vf list tells MAC and time of the pod's record when the function is in the pod", async () => {
  const cards = [{ ifname: "ens1", bus: "3b", vfs: [{}, { ifname: undefined }, { ifname: undefined }] }];
  using sysfs = new FakeSysfs(cards);
  await using node = await withCards(sysfs, cards);
  node.sh("ip link add ens1v0 address 02:00:00:00:00:07 type veth peer name far-ens1v0");
  const attachment = { network: "web", containerId: "c1", ifname: "eth0" };
  const netdev = { ifname: "ens1v1", mac: "02:00:00:00:00:08", mtu: 1500, txQueueLength: 1000 };
  const vf = { pf: "ens1", index: 1, driver: "igbvf", original: {}, wanted: {} };
  const record = {
    ...attachment,
    version: 2,
    kind: "sriov",
    netns: "/run/netns/c1",
    addressing: { kind: "none" },
    createdAt: "2026-11-21T04:40:00.444Z",
    vf: { ...vf, pciAddress: "0000:3b:10.2", netdev },
  };
  writeFile(node, "/run/podwire/web/c1:eth0.json", record);
  writeFile(node, "/run/podwire/web/c2:eth0.json", {
    ...record,
    containerId: "c2",
    vf: { ...vf, index: 2, pciAddress: "0000:3b:10.4" },
  });
  node.sh(`${CLAIM}/0000:3b:10.2; ln -s "0 web/c3/eth0" /run/podwire/.vfs/0000:3b:10.4`);
  const [card] = succeedJson(node, "vf list");
  expect(card.vfs).toMatchObject([
    { mac: "02:00:00:00:00:07", claim: null, since: null },
    { mac: "02:00:00:00:00:08", claim: { owner: "web/c1/eth0" }, since: record.createdAt },
    { mac: "", claim: { owner: "web/c3/eth0" }, since: null }, // the record is that of an earlier holder
  ]);
});

test("vf list --json gives every function when a card has 256", async () => {
  const cards = [{ ifname: "ens1", bus: "3b", vfs: Array.from({ length: 256 }, () => ({})) }];
  using sysfs = new FakeSysfs(cards);
  await using node = await withCards(sysfs, cards);
  node.sh(`${CLAIM}/0000:3c:1f.6`);
  const [card] = succeedJson(node, "vf list");
  expect(card.vfs.map(({ index }: { index: number }) => index)).toEqual([...Array(256).keys()]);
  expect(card.vfs[191]).toEqual({
    index: 191,
    pciAddress: "0000:3c:1f.6",
    driver: "igbvf",
    ifname: "ens1v191",
    mac: "",
    settings: null,
    claim: { owner: "web/c1/eth0", minMbps: 800 },
    since: null,
  });
});

test("vf set-count leaves the number alone when VFs are in a namespace and up on the host", async () => {
  const cards = [{ ifname: "ens1", bus: "3b", vfs: [{ ifname: undefined }, {}, {}] }];
  using sysfs = new FakeSysfs(cards);
  await using node = await withCards(sysfs, cards);
  node.sh("ip link add ens1v1 type veth peer name ens1v2; ip link set ens1v1 up");
  expect(podwire(node, "vf set-count ens1 0")).toMatchObject({
    exitCode: 1,
    stderr: `error: the VFs of ens1 cannot be changed while some are in use: 0000:3b:10.0 in another network namespace, 0000:3b:10.2 in use on the host
  delete the pods that have them first\n`,
  });
  expect(node.sh("cat /sys/class/net/ens1/device/sriov_numvfs")).toBe("3\n");
});

test("vf set-count leaves the number alone when a pod without a record has a VF, until that is released", async () => {
  const cards = [{ ifname: "ens1", bus: "3b", vfs: [{ driver: "" }] }];
  using sysfs = new FakeSysfs(cards);
  await using node = await withCards(sysfs, cards);
  node.sh(`${CLAIM}/0000:3b:10.0`);
  expect(podwire(node, "vf set-count ens1 0")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("0000:3b:10.0 held by web/c1/eth0"),
  });
  succeed(node, "vf release 0000:3b:10.0");
  expect(succeed(node, "vf set-count ens1 0")).toBe("ens1 has 0 VFs of 7");
  expect(node.sh("ls /run/podwire/.vfs")).toBe("");
});
