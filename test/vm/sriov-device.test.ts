/** Virtual functions that a device plugin has chosen: taken as they are given, or refused with the reason. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { type PodCall, SriovNode } from "../support/sriov/sriov.ts";

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [3, 1] });
  // The device plugin has the functions from 1 on.
  await node.network("web", { vlan: 120, mtu: 1450, attach: { vfs: "0", spoofchk: false, trust: true } });
  await node.network("db", { vlan: 130 });
  await node.network("virtual", { vlan: 140, attach: { kind: "macvlan", pfs: undefined, uplink: "eth0" } });
  await node.tier("limited", { max: 200 });
});
afterEach(() => node.expectEmpty());

/** A device plugin's word, as Multus and as a runtime pass it on. */
const WAYS: readonly (readonly [way: string, given: (deviceID: string) => Partial<PodCall>])[] = [
  ["the configuration", (deviceID) => ({ conf: { deviceID } })],
  ["runtimeConfig", (deviceID) => ({ runtimeConfig: { deviceID } })],
];

test.each(WAYS)(
  "the pod gets the function that %s names, outside of the network's range too",
  async (_, given) => {
    const { pciAddress } = node.vf(2);
    const { interfaces } = await node.attach({ pod: "c1", wishes: ["web"], ...given(pciAddress) });
    expect(interfaces).toMatchObject([{ pciID: pciAddress }]);
    expect(await node.link("eth0", "c1")).toMatchObject({ parentdev: pciAddress });
    expect(await node.onCard("eth0", 2)).toMatchObject({ vlan_list: [{ vlan: 120 }] });
    await node.detach({ pod: "c1", wishes: ["web"], ...given(pciAddress) });
  },
);

const ON_OTHER_CARD = "0000:02:10.0";
const REFUSED: readonly (readonly [what: string, call: Omit<PodCall, "pod">, code: number, msg: string])[] = [
  [
    "the node has no such device",
    { wishes: ["web"], conf: { deviceID: "0000:09:10.0" } },
    7,
    "deviceID: 0000:09:10.0 is no virtual function of this node",
  ],
  [
    "it is a whole card",
    { wishes: ["web"], conf: { deviceID: "0000:01:00.0" } },
    7,
    "deviceID: 0000:01:00.0 is no virtual function of this node",
  ],
  [
    "it is no PCI address",
    { wishes: ["web"], conf: { deviceID: "../eth0" } },
    7,
    "deviceID: ../eth0 is no virtual function of this node",
  ],
  [
    "it is on a card that the network is not on",
    { wishes: ["web"], conf: { deviceID: ON_OTHER_CARD } },
    7,
    `deviceID: virtual function ${ON_OTHER_CARD} is one of eth1, and the network is on eth0`,
  ],
  [
    "the network has no functions",
    { wishes: ["virtual"], conf: { deviceID: ON_OTHER_CARD } },
    7,
    `deviceID: ${ON_OTHER_CARD} is given, and network "virtual" attaches pods by macvlan`,
  ],
];

test.each(REFUSED)("ADD says so and changes nothing when %s", async (_, call, code, msg) => {
  await node.vm.addNetns("c1");
  expect((await node.call("ADD", { pod: "c1", ...call })).result).toMatchObject({ code, msg });
  expect(await node.changes()).toEqual(["+ /run/netns/c1"]);
  await node.vm.sh("ip netns del c1");
});

/** A pod that changes all that it can, on the function that others are given too. */
function holder(): PodCall {
  return {
    pod: "c1",
    wishes: [{ network: "web", perfTier: "limited" }],
    conf: { deviceID: node.vf(1).pciAddress, txQLen: 50 },
    runtimeConfig: { mac: "02:00:00:00:00:99" },
  };
}

function successor(): PodCall {
  return { pod: "c2", wishes: ["db"], conf: { deviceID: node.vf(1).pciAddress } };
}

test("ADD names the pod that has the function, and changes nothing, while that pod lives", async () => {
  await node.attach(holder());
  await node.vm.addNetns("c2");
  const before = await node.changes();
  expect((await node.call("ADD", successor())).result).toMatchObject({
    code: 11,
    msg: `deviceID: virtual function ${node.vf(1).pciAddress} is still held by mynet/c1/eth0`,
  });
  expect(await node.changes()).toEqual(before);
  await node.vm.sh("ip netns del c2");
  await node.detach(holder());
});

test("ADD gives a clean function to the next pod, and the old one's DEL leaves it alone, when the old one is gone", async () => {
  const { ifname } = node.vf(1);
  const { address } = await node.link(ifname);
  await node.attach(holder());
  await node.vm.sh("ip netns del c1");
  const { interfaces } = await node.attach(successor());
  expect(interfaces).toMatchObject([{ pciID: node.vf(1).pciAddress, mac: address, mtu: 1500 }]);
  const clean = { vlan_list: [{ vlan: 130 }], rate: { max_tx: 0 }, spoofchk: true, trust: false };
  expect(await node.onCard("eth0", 1)).toMatchObject({ ...clean, address });
  const before = await node.changes();
  expect(before.join("\n")).not.toMatch(/\/c1\b/);
  await node.detach(holder());
  expect(await node.changes()).toEqual(before);
  expect(await node.link("eth0", "c2")).toMatchObject({ address, mtu: 1500, txqlen: 1000 });
  await node.detach(successor());
});

test("DEL of the old pod leaves the function to the next one when an earlier DEL was killed after it had given it up", async () => {
  const { address } = await node.link(node.vf(1).ifname);
  await node.attach(holder());
  await node.vm.sh(`ip netns del c1; rm /run/podwire/.vfs/${node.vf(1).pciAddress}`);
  await node.vm.until(`ls -d /sys/bus/pci/devices/${node.vf(1).pciAddress}/net/*`);
  await node.attach(successor());
  await node.detach(holder());
  expect((await node.changes()).join("\n")).not.toMatch(/\/c1\b/);
  expect(await node.link("eth0", "c2")).toMatchObject({ address, mtu: 1500, txqlen: 1000, operstate: "UP" });
  expect(await node.onCard("eth0", 1)).toMatchObject({ address, vlan_list: [{ vlan: 130 }], trust: false });
  await node.detach(successor());
});
