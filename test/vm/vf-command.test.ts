/** `podwire vf` on a node with igb cards, one of whose functions pods have. */

import { beforeAll, expect, test } from "vitest";
import { type Vf, Vm } from "../support/vm/vm.ts";

const POD = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const netconf = {
  cniVersion: "1.1.0",
  name: "pods",
  type: "podwire",
  runtimeConfig: {
    "io.kubernetes.cri.pod-annotations": { "diamanti.com/endpoint0": '{"network":"web","perfTier":"high"}' },
  },
};

let vm: Vm;
let vfs: readonly Vf[];
beforeAll(async () => {
  vm = await Vm.shared();
  vfs = await vm.addVfs("eth0", 3);
  await vm.sh(`podwire network create web -s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.20 -v 120 \
    --attach sriov --pf eth0`);
});

/** PCI address and first name of one of the VFs. */
function vfAt(index: number): Vf {
  const vf = vfs[index];
  if (vf === undefined) throw new Error(`no VF ${index}`);
  return vf;
}

/** Cells of each line of a table, by two spaces or more between them. */
function cells(table: string): string[][] {
  return table
    .trim()
    .split("\n")
    .map((line) => line.trimEnd().split(/ {2,}/));
}

async function macOf(ifname: string): Promise<string> {
  return (await vm.sh(`cat /sys/class/net/${ifname}/address`)).trim();
}

/** Runs `body` while a pod has the first VF; the pod's namespace is gone afterwards. */
async function withPod(body: (since: string) => Promise<void>): Promise<void> {
  await vm.addNetns("c1");
  const call = { netconf, containerId: POD, netns: "c1" };
  expect(await vm.cni("ADD", call)).toMatchObject({ status: 0 });
  const record = await vm.json(`cat /run/podwire/pods/${POD}:eth0.json | head -1`);
  await body(record.createdAt);
  await vm.sh("ip netns del c1 2> /dev/null || true");
  expect(await vm.cni("DEL", call)).toMatchObject({ status: 0 });
}

test("vf list shows cards and functions when a pod has one", async () => {
  const macs = await Promise.all(vfs.map(({ ifname }) => macOf(ifname)));
  await withPod(async (since) => {
    const [cards = "", functions = ""] = (await vm.sh("podwire vf list")).split("\n\n");
    expect(cells(cards)).toEqual([
      ["PF", "PCI ADDRESS", "DRIVER", "LINK", "SPEED", "VFS", "HELD", "RESERVED"],
      ["eth0", "0000:01:00.0", "igb", "up", "1G", "3 of 7", "1", "500M"],
      ["eth1", "0000:02:00.0", "igb", "down", "0 of 7", "0"],
    ]);
    const [headers, ...rows] = cells(functions);
    expect(headers?.join(" ")).toBe(
      "PF VF PCI ADDRESS DRIVER INTERFACE VLAN MAC MIN RATE MAX RATE SPOOF CHECK TRUST LINK HOLDER SINCE",
    );
    const free = [1, 2].map((index) => [
      ...["eth0", String(index), vfAt(index).pciAddress, "igbvf", vfAt(index).ifname],
      ...[macs[index], "on", "off", "auto"],
    ]);
    const held = [
      ...["eth0", "0", vfAt(0).pciAddress, "igbvf", "120", macs[0]],
      ...["on", "off", "auto", "pods/0123456789ab/eth0", since],
    ];
    expect(rows).toEqual([held, ...free]);
  });
});

test("vf list --json tells programs the same when a pod has one", async () => {
  const mac = await macOf(vfAt(0).ifname);
  await withPod(async (since) => {
    const [card] = await vm.json("podwire vf list --json");
    expect(card).toMatchObject({ ifname: "eth0", isUp: true, numVfs: 3, totalVfs: 7, reservedMbps: 500 });
    expect(card.vfs[0]).toEqual({
      index: 0,
      pciAddress: vfAt(0).pciAddress,
      driver: "igbvf",
      ifname: null,
      iommuGroup: expect.any(Number),
      mac,
      settings: expect.objectContaining({ vlan: 120, spoofchk: true, linkState: "auto" }),
      claim: { owner: `pods/${POD}/eth0`, minMbps: 500 },
      since,
    });
    expect(card.vfs[1]).toMatchObject({ ifname: vfAt(1).ifname, claim: null, since: null });
  });
});

test("vf set-count is refused and changes nothing when a pod has a function", async () => {
  await withPod(async () => {
    const done = await vm.run("podwire vf set-count eth0 5");
    expect(done).toEqual({
      status: 1,
      stdout: "",
      stderr: `error: the VFs of eth0 cannot be changed while some are in use: ${vfAt(0).pciAddress} held by pods/${POD}/eth0
  delete the pods that have them first\n`,
    });
    expect(await vm.sh("cat /sys/class/net/eth0/device/sriov_numvfs")).toBe("3\n");
  });
});

test("vf release is refused and the pod keeps its function when the pod lives", async () => {
  await withPod(async () => {
    const done = await vm.run(`podwire vf release ${vfAt(0).pciAddress}`);
    expect(done).toMatchObject({ status: 1, stdout: "" });
    expect(done.stderr).toContain("delete the pod, or insist with --force");
    expect(await vm.sh("ip -n c1 link show dev eth0")).toContain("UP");
  });
});

test("vf release puts the function back and frees the address when the pod's namespace is gone", async () => {
  const before = await vm.json("ip -j link show dev eth0");
  await withPod(async () => {
    await vm.sh("ip netns del c1");
    const done = await vm.run(`podwire vf release ${vfAt(0).pciAddress.slice(5).toUpperCase()}`);
    expect(done).toMatchObject({
      status: 0,
      stdout: `${vfAt(0).pciAddress} is free; pods/${POD}/eth0 had it\n`,
    });
    expect((await vm.json("ip -j link show dev eth0"))[0].vfinfo_list).toEqual(before[0].vfinfo_list);
    expect(await vm.sh(`ls /sys/bus/pci/devices/${vfAt(0).pciAddress}/net`)).toBe(`${vfAt(0).ifname}\n`);
    const [, network] = cells(await vm.sh("podwire network list"));
    expect(network).toEqual(["web", "private", "10.10.120.11", "10", "0", "120"]);
    expect(await vm.sh("ls -A /run/podwire/.vfs /run/podwire/pods")).not.toContain(POD);
  });
});

test("vf release --force takes the function out of a pod that lives", async () => {
  await withPod(async () => {
    expect(await vm.run(`podwire vf release --force ${vfAt(0).pciAddress}`)).toMatchObject({ status: 0 });
    expect(await vm.sh("ip -n c1 -br link")).not.toContain("eth0");
    expect(await vm.sh(`ls /sys/bus/pci/devices/${vfAt(0).pciAddress}/net`)).toBe(`${vfAt(0).ifname}\n`);
  });
});

test("vf release says so when nobody holds the function", async () => {
  const done = await vm.run(`podwire vf release ${vfAt(2).pciAddress}`);
  expect(done).toEqual({
    status: 0,
    stdout: `${vfAt(2).pciAddress} was free: nobody held it\n`,
    stderr: "",
  });
});

test.for([
  ["release", "vf release 0000:01:00.0", 1, "error: 0000:01:00.0 is no virtual function of this node"],
  ["the card", "vf set-count eth7 1", 1, "error: eth7: this node has no such physical function"],
  ["the number", "vf set-count eth0 many", 2, 'error: number "many": want a whole number'],
  ["the size of the card", "vf set-count eth0 8", 1, "error: eth0 cannot have 8 VFs: the card has 7 at most"],
] as const)("podwire says what is wrong when it is %s", async ([, args, status, message]) => {
  const done = await vm.run(`podwire ${args}`);
  expect(done).toMatchObject({ status, stdout: "" });
  expect(done.stderr.split("\n")[0]).toBe(message);
});

test("vf set-count makes functions and takes them away when no pod has one", async () => {
  const made = cells(await vm.sh("podwire vf set-count eth1 2"));
  expect(made[0]).toEqual(["eth1 has 2 VFs of 7"]);
  const names = await vm.sh(
    "ls /sys/class/net/eth1/device/virtfn0/net /sys/class/net/eth1/device/virtfn1/net",
  );
  expect(made.slice(1).map(([line = ""]) => line.split(" ")[0])).toEqual(["0000:02:10.0", "0000:02:10.2"]);
  for (const [line = ""] of made.slice(1)) expect(names).toContain(line.split(" ")[1]);
  expect(await vm.sh("podwire vf set-count eth1 0")).toBe("eth1 has 0 VFs of 7\n");
  expect(await vm.sh("cat /sys/class/net/eth1/device/sriov_numvfs")).toBe("0\n");
});
