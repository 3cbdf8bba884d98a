/** Virtual functions for programs of the pod's own: bound to vfio-pci, given by their PCI address, and put back. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { type PodCall, SriovNode } from "../support/sriov/sriov.ts";
import { failuresOf, KILL } from "../support/sriov/sriov-faults.ts";

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [2, 0] });
  await node.vm.sh("modprobe vfio-pci");
  await node.network("bound", { vlan: 120, attach: { driver: "vfio-pci" } });
  const attach = { driver: "vfio-pci", bind: true, vfs: "0", spoofchk: false, trust: true };
  await node.network("binding", { vlan: 130, attach });
  await node.tier("limited", { max: 200 });
});
afterEach(() => node.expectEmpty());

/** A pod for which a function is bound. */
const BINDING: PodCall = { pod: "c1", wishes: [{ network: "binding", perfTier: "limited" }] };
const MAC = "02:00:00:00:00:99";
/** A pod that changes what the operator has set on the last function. */
const BOUND: PodCall = { pod: "c1", wishes: ["bound"], runtimeConfig: { mac: MAC } };

function directory(place: number): string {
  return `/sys/bus/pci/devices/${node.vf(place).pciAddress}`;
}

async function driverOf(place: number): Promise<string> {
  return (await node.vm.sh(`basename $(readlink ${directory(place)}/driver)`)).trim();
}

/** What driverctl(8) does: sets the last function apart for a driver, and gives it to that one. */
async function setOverride(driver: string): Promise<void> {
  const { pciAddress } = node.vf(1);
  await node.vm.sh(`echo ${driver} > ${directory(1)}/driver_override; echo ${pciAddress} > ${directory(1)}/driver/unbind
    echo ${pciAddress} > /sys/bus/pci/drivers_probe`);
}

/** Back to its own driver, under its first name. */
async function clearOverride(): Promise<void> {
  await setOverride("");
  await node.vm.until(`ls -d ${directory(1)}/net/*`);
  await node.vm.sh(`[ -e ${directory(1)}/net/${node.vf(1).ifname} ] ||
    ip link set $(ls ${directory(1)}/net) name ${node.vf(1).ifname}`);
  await node.settle(); // its card gives it another MAC
}

test("the pod gets the address of a function that vfio-pci has, and no interface", async () => {
  await setOverride("vfio-pci");
  await node.settle();
  const result = await node.attach(BOUND);
  expect(result).toMatchObject({
    interfaces: [{ name: "eth0", mac: MAC, sandbox: "/run/netns/c1", pciID: node.vf(1).pciAddress }],
    ips: [{ interface: 0, address: "10.10.120.11/24" }],
  });
  expect(await node.vm.json("ip -n c1 -j link show")).toMatchObject([{ ifname: "lo" }]);
  expect(await node.onCard("eth0", 1)).toMatchObject({ vlan_list: [{ vlan: 120 }], address: MAC });
  expect(await driverOf(1)).toBe("vfio-pci");
  const checked = await node.call("CHECK", { ...BOUND, conf: { prevResult: result } });
  expect(checked).toMatchObject({ status: 0, stdout: "" });
  await node.vm.sh("ip link set eth0 vf 1 vlan 7");
  const { result: difference } = await node.call("CHECK", { ...BOUND, conf: { prevResult: result } });
  expect(difference).toMatchObject({
    code: 102,
    msg: expect.stringContaining('VF 1 of "eth0" has vlan 7, want 120'),
  });
  await node.detach(BOUND);
  await node.expectEmpty();
  await clearOverride();
});

/** The last function is a program's, with a MAC and a VLAN. */
async function setAside(): Promise<void> {
  await setOverride("vfio-pci");
  await node.vm.sh("ip link set eth0 vf 1 mac 02:00:00:00:00:07; ip link set eth0 vf 1 vlan 7");
  await node.settle();
}

async function takeBack(): Promise<void> {
  await node.vm.sh("ip link set eth0 vf 1 mac 00:00:00:00:00:00; ip link set eth0 vf 1 vlan 0");
  await clearOverride();
}

const SWEEPERS = [
  ["DEL", () => node.line("DEL", BOUND)],
  ["GC", () => node.line("GC", { pod: "", conf: { "cni.dev/valid-attachments": [] } })],
] as const;

test.each(SWEEPERS)(
  "%s leaves the operator's MAC and VLAN when ADD was killed before any of its changes",
  async (_, sweep) => {
    await setAside();
    const fault = { verb: "ADD", pod: BOUND, effect: KILL, next: sweep() } as const;
    const { count, failures } = await failuresOf(node, fault);
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(7);
    await takeBack();
  },
  300_000,
);

test.each(SWEEPERS)(
  "%s leaves what the operator has set since ADD was killed before its claim",
  async (_, sweep) => {
    await setAside();
    const next = `ip link set eth0 vf 1 vlan 9; ${sweep()}
      ip link show eth0 | grep -q 'vf 1 .*vlan 9,' || ip link show eth0
      ip link set eth0 vf 1 vlan 7`;
    const isAt = ({ syscall }: { syscall: string }) => syscall === "symlink";
    const fault = { verb: "ADD", pod: BOUND, effect: KILL, next, isAt } as const;
    expect(await failuresOf(node, fault)).toEqual({ count: 1, failures: [] });
    await takeBack();
  },
);

test("ADD binds no function when the network does not say so", async () => {
  await node.vm.addNetns("c1");
  expect((await node.call("ADD", { pod: "c1", wishes: ["bound"] })).result).toMatchObject({
    code: 11,
    msg: "no free VF: eth0 has 2 VFs: 2 with the driver igbvf",
  });
  const conf = { deviceID: node.vf(0).pciAddress };
  expect((await node.call("ADD", { pod: "c1", wishes: ["bound"], conf })).result).toMatchObject({
    code: 7,
    msg: `deviceID: virtual function ${conf.deviceID} has the driver igbvf, and the network wants vfio-pci`,
  });
  expect(await node.changes()).toEqual(["+ /run/netns/c1"]);
  await node.vm.sh("ip netns del c1");
});

test("a function is bound for the pod and has its driver, name and settings again after DEL", async () => {
  const result = await node.attach(BINDING);
  const { pciAddress, ifname } = node.vf(0);
  expect(result.interfaces).toMatchObject([{ name: "eth0", pciID: pciAddress }]);
  expect(await node.vm.json("ip -n c1 -j link show")).toMatchObject([{ ifname: "lo" }]);
  expect(await driverOf(0)).toBe("vfio-pci");
  expect(await node.vm.sh(`stat -c %F /dev/vfio/$(basename $(readlink ${directory(0)}/iommu_group))`)).toBe(
    "character special file\n",
  );
  expect(await node.onCard("eth0", 0)).toMatchObject({
    vlan_list: [{ vlan: 130 }],
    rate: { max_tx: 200 },
    spoofchk: false,
    trust: true,
  });
  const checked = await node.call("CHECK", { ...BINDING, conf: { prevResult: result } });
  expect(checked).toMatchObject({ status: 0, stdout: "" });
  expect((await node.vm.run(`ip link show ${ifname}`)).status).toBe(1);
  await node.detach(BINDING);
});

test.each([
  ["DEL without CNI_NETNS", () => node.detach({ ...BINDING, netns: "" })],
  ["GC", () => node.gc([])],
  ["podwire vf release", () => node.vm.sh(`podwire vf release ${node.vf(0).pciAddress}`)],
] as const)("%s binds the function back when the pod's namespace is gone", async (_, sweep) => {
  await node.attach(BINDING);
  await node.vm.sh("ip netns del c1");
  await sweep();
});

test("the operator's own override is there again when the pod that had the function is gone", async () => {
  await setOverride("igbvf");
  await node.vm.until(`ls -d ${directory(1)}/net/*`);
  await node.settle();
  const call = { ...BINDING, conf: { deviceID: node.vf(1).pciAddress } };
  await node.attach(call);
  expect(await node.vm.sh(`cat ${directory(1)}/driver_override`)).toBe("vfio-pci\n");
  await node.detach(call);
  await node.expectEmpty();
  await clearOverride();
});

test.each([
  ["DEL", () => node.detach(BINDING)],
  ["GC", () => node.gc([])],
] as const)("%s takes the pod's settings from the card when its record is lost", async (_, sweep) => {
  const { ifname } = node.vf(0);
  const { address } = await node.link(ifname);
  await node.attach(BINDING);
  await node.vm.sh("rm /run/podwire/mynet/c1:eth0.json; ip netns del c1");
  await sweep();
  const clean = { vlan_list: [{}], rate: { max_tx: 0 }, spoofchk: true, trust: false };
  expect(await node.onCard("eth0", 0)).toMatchObject(clean);
  expect(await node.vm.sh("ls -A /run/podwire/.vfs /var/lib/cni/podwire/binding")).not.toMatch(
    /0000:|10\.10/,
  );
  // Nobody knows who bound it.
  expect(await driverOf(0)).toBe("vfio-pci");
  await node.vm.sh(`echo > ${directory(0)}/driver_override; echo ${node.vf(0).pciAddress} > ${directory(0)}/driver/unbind
    echo ${node.vf(0).pciAddress} > /sys/bus/pci/drivers_probe`);
  await node.vm.until(`ls -d ${directory(0)}/net/*`);
  await node.vm.sh(`ip link set eth0 vf 0 mac 00:00:00:00:00:00; ip link set ${ifname} address ${address}`);
});

test.each(["ADD", "DEL"] as const)(
  "DEL binds the function back when %s was killed before any change of a driver",
  async (verb) => {
    const isAt = ({ syscall, text }: { syscall: string; text: string }) =>
      syscall === "write" && /"(vfio-pci|\\n|0000:01:10\.0)"/.test(text);
    const fault = { verb, pod: BINDING, effect: KILL, next: node.line("DEL", BINDING), isAt };
    expect(await failuresOf(node, fault)).toEqual({ count: 3, failures: [] });
  },
);
