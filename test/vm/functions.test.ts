/** Functions of igb cards on Debian's kernel: found in its sysfs, chosen, bound to vfio-pci and back, made and taken away. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { type Imports, ROUTE } from "../support/node/in-node.ts";
import { evaluateInGuest, messageInGuest } from "../support/vm/in-guest.ts";
import { type Vf, Vm } from "../support/vm/vm.ts";

const IMPORTS: Imports = {
  ...ROUTE,
  "src/linux/sysfs.ts": ["SYSFS"],
  "src/sriov/sysfs.ts": ["findVf", "listPfs", "pciAddressOf", "readPf", "readVf"],
  "src/sriov/choose.ts": ["chooseVf"],
  "src/sriov/driver.ts": ["bindDriver", "restoreDriver"],
  "src/sriov/set-num-vfs.ts": ["setNumVfs"],
};

const PF = "eth0";
const COUNT = 4;

let vm: Vm;
let vfs: readonly Vf[];
beforeAll(async () => {
  vm = await Vm.shared();
  vfs = await vm.addVfs(PF, COUNT);
});
/** The kernel brings interfaces back from a namespace some time after its end. */
afterEach(async () => {
  await vm.sh("ip -all netns delete");
  await vm.until(`[ $(ls -d /sys/class/net/${PF}/device/virtfn*/net/* | wc -l) = ${await numVfs()} ]`);
});

function evaluate(body: string) {
  return evaluateInGuest(vm, IMPORTS, body);
}

/** Name and PCI address of one of the VFs. */
function vfAt(index: number): Vf {
  const vf = vfs[index];
  if (vf === undefined) throw new Error(`no VF ${index}`);
  return vf;
}

async function driverOf(pciAddress: string): Promise<string> {
  return (await vm.sh(`basename $(readlink /sys/bus/pci/devices/${pciAddress}/driver) || true`)).trim();
}

test("listPfs() gives both cards when one has VFs and the other one none", async () => {
  expect(await evaluate("return listPfs(SYSFS);")).toEqual([
    {
      ifname: "eth0",
      pciAddress: "0000:01:00.0",
      driver: "igb",
      totalVfs: 7,
      numVfs: COUNT,
      speedMbps: 1000,
    },
    { ifname: "eth1", pciAddress: "0000:02:00.0", driver: "igb", totalVfs: 7, numVfs: 0 },
  ]);
});

test("readVf() gives what the kernel says when the VF is on the host", async () => {
  const { pciAddress, ifname } = vfAt(1);
  const group = await vm.sh(`basename $(readlink /sys/bus/pci/devices/${pciAddress}/iommu_group)`);
  const vf = await evaluate(`return readVf(SYSFS, readPf(SYSFS, "${PF}"), 1);`);
  expect(vf).toEqual({
    pf: PF,
    pfPciAddress: "0000:01:00.0",
    index: 1,
    pciAddress,
    driver: "igbvf",
    ifname,
    iommuGroup: Number(group),
  });
});

test("findVf() gives the VF without its interface when that is in a pod", async () => {
  const { pciAddress, ifname } = vfAt(2);
  await vm.addNetns("pod");
  await vm.sh(`ip link set ${ifname} netns pod`);
  const vf = await evaluate(`return findVf(SYSFS, "${pciAddress}");`);
  expect(vf).toMatchObject({ pf: PF, index: 2, driver: "igbvf" });
  expect(vf).not.toHaveProperty("ifname");
});

test("getLink() gives the PCI address of a VF's interface when it is asked inside a pod", async () => {
  const { pciAddress, ifname } = vfAt(0);
  await vm.addNetns("pod");
  await vm.sh(`ip link set ${ifname} netns pod`);
  const imports = { ...IMPORTS, "src/linux/netns.ts": ["NetnsHandle"] };
  const body = `const netns = NetnsHandle.open("/run/netns/pod");
    return getLink(NetlinkSocket.open(rtnetlink, { netns }), "${ifname}").parentDevice;`;
  expect(await evaluateInGuest(vm, imports, body)).toBe(pciAddress);
});

test("chooseVf() takes the one that is left when others are held, in a pod, or up", async () => {
  await vm.addNetns("pod");
  await vm.sh(`ip link set ${vfAt(0).ifname} netns pod; ip link set ${vfAt(2).ifname} up`);
  const chosen = await evaluate(`return chooseVf({
    sysfs: SYSFS, pfs: ["eth1", "${PF}"], driver: "netdev", minMbps: 100,
    claims: new Map([["${vfAt(1).pciAddress}", { owner: "web/c1/eth0", minMbps: 800 }]]),
    isUnused: (ifname) => !getLink(NetlinkSocket.open(rtnetlink), ifname).isUp,
  });`);
  expect(chosen).toMatchObject({ pf: PF, index: 3, ifname: vfAt(3).ifname });
  await vm.sh(`ip link set ${vfAt(2).ifname} down`);
});

test("bindDriver() gives a VF to vfio-pci and restoreDriver() gives it back when there is an IOMMU", async () => {
  await vm.sh("modprobe vfio-pci");
  const { pciAddress } = vfAt(1);
  await evaluate(`bindDriver(SYSFS, "${pciAddress}", "vfio-pci");`);
  expect(await driverOf(pciAddress)).toBe("vfio-pci");
  const vf = await evaluate(`return findVf(SYSFS, "${pciAddress}");`);
  expect(vf).toMatchObject({ driver: "vfio-pci", driverOverride: "vfio-pci" });
  await vm.sh(`[ -c /dev/vfio/${vf.iommuGroup} ]`);
  await evaluate(`restoreDriver(SYSFS, "${pciAddress}", { bound: "vfio-pci", driver: "igbvf" });`);
  expect(await driverOf(pciAddress)).toBe("igbvf");
  expect(await vm.sh(`cat /sys/bus/pci/devices/${pciAddress}/driver_override`)).toBe("(null)\n");
  await vm.until(`ls /sys/bus/pci/devices/${pciAddress}/net/*`);
});

test("restoreDriver() takes a VF from vfio-pci when it had no driver before", async () => {
  await vm.sh("modprobe vfio-pci");
  const { pciAddress } = vfAt(0);
  await vm.sh(`echo ${pciAddress} > /sys/bus/pci/drivers/igbvf/unbind`);
  await evaluate(
    `bindDriver(SYSFS, "${pciAddress}", "vfio-pci"); restoreDriver(SYSFS, "${pciAddress}", { bound: "vfio-pci", driver: "" });`,
  );
  expect(await driverOf(pciAddress)).toBe("");
  await vm.sh(`echo ${pciAddress} > /sys/bus/pci/drivers_probe`);
});

test("bindDriver() leaves the VF alone when vfio-pci is not loaded", async () => {
  await vm.sh("modprobe -r vfio-pci");
  const { pciAddress } = vfAt(0);
  const message = await messageInGuest(vm, IMPORTS, `bindDriver(SYSFS, "${pciAddress}", "vfio-pci");`);
  expect(message).toBe(
    `VF ${pciAddress} cannot be bound to vfio-pci: the driver is not loaded (modprobe vfio-pci)`,
  );
  expect(await driverOf(pciAddress)).toBe("igbvf");
});

function setNumVfs(count: number): string {
  return `setNumVfs({ sysfs: SYSFS, pf: readPf(SYSFS, "${PF}"), count: ${count}, claims: new Map(),
    isUnused: (ifname) => !getLink(NetlinkSocket.open(rtnetlink), ifname).isUp });`;
}

async function numVfs(): Promise<number> {
  return Number(await vm.sh(`cat /sys/class/net/${PF}/device/sriov_numvfs`));
}

test("setNumVfs() changes nothing when a VF is in a pod", async () => {
  const { pciAddress, ifname } = vfAt(1);
  await vm.addNetns("pod");
  await vm.sh(`ip link set ${ifname} netns pod`);
  expect(await messageInGuest(vm, IMPORTS, setNumVfs(1))).toBe(
    `the VFs of ${PF} cannot be changed while some are in use: ${pciAddress} in another network namespace`,
  );
  expect(await numVfs()).toBe(COUNT);
});

test("setNumVfs() says what the kernel refuses when no driver has the card", async () => {
  await vm.sh(`echo 0000:02:00.0 > /sys/bus/pci/drivers/igb/unbind`);
  const body = `setNumVfs({ sysfs: SYSFS, pf: { ifname: "eth1", pciAddress: "0000:02:00.0", driver: "igb", totalVfs: 7,
    numVfs: 0 }, count: 1, claims: new Map(), isUnused: () => true });`;
  expect(await messageInGuest(vm, IMPORTS, body)).toContain("no driver with SR-IOV has the card");
  await vm.sh(`echo 0000:02:00.0 > /sys/bus/pci/drivers/igb/bind`);
});

test("setNumVfs() goes from one number to another when no VF is in use", async () => {
  await evaluate(setNumVfs(2));
  expect(await numVfs()).toBe(2);
  await evaluate(setNumVfs(0));
  expect(await numVfs()).toBe(0);
  await evaluate(setNumVfs(7));
  expect(await numVfs()).toBe(7);
});
