/** What later tests rely on: how the emulated card takes settings of virtual functions. */

import { beforeAll, expect, test } from "vitest";
import { SYSFS_LISTING } from "../support/sriov/sysfs-listing.ts";
import { type Vf, Vm } from "../support/vm/vm.ts";

let vm: Vm;
let vfs: readonly Vf[];
beforeAll(async () => {
  vm = await Vm.shared();
  vfs = await vm.addVfs("eth0", 3);
});

test("sysfs is as recorded when a card has three functions and another none", async () => {
  expect(await vm.sh("list-sysfs")).toBe(SYSFS_LISTING);
});

test("pods reach who is in their VLAN and nobody else when VLANs are set on the card", async () => {
  for (const { index, ifname } of vfs) {
    await vm.sh(`ip link set eth0 vf ${index} vlan ${index < 2 ? 120 : 130}`);
    await vm.addNetns(`pod${index}`);
    await vm.moveLink(ifname, `pod${index}`, `10.1.0.${index + 1}/24`);
  }
  await vm.sh(`ip link set eth1 up; ip link add link eth1 name outside type vlan id 120
    ip address add 10.1.0.9/24 dev outside; ip link set outside up`);
  await vm.until("ping -c 1 -W 1 10.1.0.1");
  expect((await vm.run("ip netns exec pod0 ping -c 1 -W 2 10.1.0.2")).stdout).toContain("1 received");
  expect((await vm.run("ip netns exec pod0 ping -c 2 -W 1 10.1.0.3")).stdout).toContain("0 received");
  expect((await vm.run("ping -c 2 -W 1 10.1.0.3")).stdout).toContain("0 received");
  for (const { index, ifname } of vfs) await vm.takeBack(ifname, `pod${index}`);
  await vm.sh(
    "for vf in 0 1 2; do ip link set eth0 vf $vf vlan 0; done; ip link del outside; ip link set eth1 down",
  );
});

test("a function comes back under the pod's name with its settings when its namespace goes", async () => {
  await vm.sh("ip link set eth0 vf 0 vlan 120 qos 3");
  await vm.addNetns("pod");
  const ifname = vfs[0]?.ifname;
  await vm.sh(`ip link set ${ifname} netns pod name net1; ip netns del pod`);
  await vm.until("ls -d /sys/bus/pci/devices/0000:01:10.0/net/net1");
  expect((await vm.json("ip -j link show eth0"))[0].vfinfo_list[0]).toMatchObject({
    vlan_list: [{ vlan: 120, qos: 3 }],
  });
  await vm.sh(`ip link set net1 name ${ifname}; ip link set eth0 vf 0 vlan 0`);
});

test("the card refuses what it cannot when that is set", async () => {
  const refusal = async (setting: string) => (await vm.run(`ip link set eth0 vf 0 ${setting}`)).stderr.trim();
  expect(await refusal("vlan 120 proto 802.1ad")).toBe("RTNETLINK answers: Protocol not supported");
  expect(await refusal("min_tx_rate 10 max_tx_rate 100")).toBe("RTNETLINK answers: Invalid argument");
  expect(await refusal("state disable")).toBe("RTNETLINK answers: Operation not supported");
});
