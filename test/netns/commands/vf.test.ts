/** `podwire vf` on nodes without cards, and with cards in a tree of files; real ones are tried in test/vm. */

import { expect, test } from "vitest";
import { podwire, succeed, succeedJson } from "../../support/commands.ts";
import { type FakePf, FakeSysfs } from "../../support/fake-sysfs.ts";
import { Node } from "../../support/node.ts";

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

test("vf set-count leaves the number alone when a VF is in a namespace", async () => {
  const cards = [{ ifname: "ens1", bus: "3b", vfs: [{ ifname: undefined }] }];
  using sysfs = new FakeSysfs(cards);
  await using node = await withCards(sysfs, cards);
  expect(podwire(node, "vf set-count ens1 0")).toMatchObject({
    exitCode: 1,
    stderr: `error: the VFs of ens1 cannot be changed while some are in use: 0000:3b:10.0 in another network namespace
  delete the pods that have them first\n`,
  });
});

test("vf set-count frees claims first when their pods have no record", async () => {
  const cards = [{ ifname: "ens1", bus: "3b", vfs: [{ driver: "" }] }];
  using sysfs = new FakeSysfs(cards);
  await using node = await withCards(sysfs, cards);
  node.sh(`${CLAIM}/0000:3b:10.0`);
  expect(succeed(node, "vf set-count ens1 0")).toBe("ens1 has 0 VFs of 7");
  expect(node.sh("ls /run/podwire/.vfs")).toBe("");
});
