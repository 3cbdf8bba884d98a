/** Pods with an interface in each of two networks, whose functions are on two cards. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { SriovNode } from "../support/sriov/sriov.ts";

/** A network without a gateway for IPv4, with one for IPv6. */
const FAR = {
  vlan: 140,
  attach: { pfs: ["eth1"] },
  ranges: [
    { subnet: "10.20.0.0/24", start: "10.20.0.11", end: "10.20.0.20" },
    { subnet: "fd00:20::/64", start: "fd00:20::11", end: "fd00:20::20", gateway: "fd00:20::1" },
  ],
};

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [2, 2] });
  await node.network("web", { vlan: 120, attach: { trust: true } });
  await node.network("far", FAR);
  await node.network("strange", { vlan: 150, attach: { pfs: ["eth1"], linkState: "disable" } });
  // Somebody else's functions, one of each card.
  await node.vm.addNetns("outside");
  for (const [place, pf, vlan, addresses] of [
    [1, "eth0", 120, ["10.10.120.1/24"]],
    [3, "eth1", 140, ["10.20.0.1/24", "fd00:20::1/64"]],
  ] as const) {
    const { ifname } = node.vf(place);
    await node.vm.sh(`ip link set ${pf} vf 1 vlan ${vlan}; ip link set ${ifname} netns outside
      for address in ${addresses.join(" ")}; do ip -n outside address add $address dev ${ifname} nodad; done
      ip -n outside link set ${ifname} up`);
    await node.vm.until(`ip -n outside link show ${ifname} | grep -q LOWER_UP`);
  }
  await node.settle();
});
afterEach(() => node.expectEmpty());

const WISHES = [{ network: "web", metric: 50 }, "far"];

test("a pod has an interface in each network when it asks for two on two cards", async () => {
  const result = await node.attach({ pod: "c1", wishes: WISHES });
  const [first, second] = [node.vf(0), node.vf(2)];
  expect(result).toMatchObject({
    interfaces: [
      { name: "eth0", pciID: first.pciAddress },
      { name: "eth1", pciID: second.pciAddress },
    ],
    ips: [
      { interface: 0, address: "10.10.120.11/24", gateway: "10.10.120.1" },
      { interface: 1, address: "10.20.0.11/24" },
      { interface: 1, address: "fd00:20::11/64", gateway: "fd00:20::1" },
    ],
  });
  expect(await node.link("eth0", "c1")).toMatchObject({ parentdev: first.pciAddress });
  expect(await node.link("eth1", "c1")).toMatchObject({ parentdev: second.pciAddress });
  expect(await node.onCard("eth0", 0)).toMatchObject({ vlan_list: [{ vlan: 120 }], trust: true });
  expect(await node.onCard("eth1", 0)).toMatchObject({ vlan_list: [{ vlan: 140 }], trust: false });
  expect(await node.vm.json("ip -n c1 -j route show default")).toMatchObject([
    { gateway: "10.10.120.1", dev: "eth0", metric: 50 },
  ]);
  expect(await node.vm.json("ip -n c1 -j -6 route show default")).toMatchObject([
    { gateway: "fd00:20::1", dev: "eth1", metric: 101 },
  ]);
  for (const address of ["10.10.120.1", "10.20.0.1", "fd00:20::1"])
    await node.vm.until(`ip netns exec c1 ping -c 1 -W 1 ${address}`);
  const checked = await node.call("CHECK", { pod: "c1", wishes: WISHES, conf: { prevResult: result } });
  expect(checked).toMatchObject({ status: 0, stdout: "" });
  await node.detach({ pod: "c1", wishes: WISHES });
});

test("DEL puts both functions back when the pod's namespace is gone", async () => {
  await node.attach({ pod: "c1", wishes: WISHES });
  await node.vm.sh("ip netns del c1");
  await node.detach({ pod: "c1", wishes: WISHES, netns: "" });
});

test("ADD leaves nothing of the first interface when the second network has no function", async () => {
  await node.attach({ pod: "c1", wishes: ["far"] });
  await node.vm.addNetns("c2");
  const before = await node.changes();
  const { result } = await node.call("ADD", { pod: "c2", wishes: WISHES });
  expect(result).toMatchObject({
    code: 11,
    msg: "no free VF: eth1 has 2 VFs: 1 held, 1 in another network namespace",
  });
  expect(await node.changes()).toEqual(before);
  await node.detach({ pod: "c1" });
  await node.vm.sh("ip netns del c2");
});

test("ADD leaves nothing of either interface when the second card refuses a setting", async () => {
  await node.vm.addNetns("c1");
  const { result } = await node.call("ADD", { pod: "c1", wishes: ["web", "strange"] });
  expect(result).toMatchObject({
    code: 101,
    msg: expect.stringContaining('eth1 vf 0: "state disable" is refused'),
  });
  expect(await node.changes()).toEqual(["+ /run/netns/c1"]);
  await node.vm.sh("ip netns del c1");
});
