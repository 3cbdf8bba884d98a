/** VLANs on a bridge of the configuration's own: which pods reach each other, and what the kernel has for it. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { VlanBridge } from "../support/vm/vlan-bridge.ts";

let bridge: VlanBridge;
beforeAll(async () => {
  bridge = await VlanBridge.create();
});
afterEach(() => bridge.clear());

test("pods reach each other in their VLAN, and not from one to another", async () => {
  await bridge.add("c1", { vlan: 100 });
  await bridge.add("c2", { vlan: 100 });
  await bridge.add("c3", { vlan: 200 });
  await bridge.awaitReach("c1", "10.1.0.3");
  expect([await bridge.reaches("c1", "10.1.0.4"), await bridge.reaches("c3", "10.1.0.2")]).toEqual([
    false,
    false,
  ]);
});

test("a pod with a trunk sends and gets tagged frames of its VLANs alone", async () => {
  await bridge.add("c1", { vlanTrunk: [{ minID: 99, maxID: 100 }] });
  await bridge.add("c2", { vlan: 100 });
  await bridge.add("c3", { vlan: 200 });
  for (const vlan of [100, 200]) {
    await bridge.vm.sh(`ip -n c1 link add link eth0 name eth0.${vlan} type vlan id ${vlan}
      ip -n c1 address add 10.1.${vlan}.1/16 dev eth0.${vlan}; ip -n c1 link set eth0.${vlan} up`);
  }
  const ping = "ip netns exec c1 ping -c 1 -W 1";
  await bridge.vm.until(`${ping} -I eth0.100 10.1.0.3`);
  expect((await bridge.vm.run(`${ping} -I eth0.200 10.1.0.4`)).status).toBe(1);
  expect((await bridge.vm.run(`${ping} -I eth0 10.1.0.3`)).status).toBe(1);
});

const NO_ADDRESSES = { ipam: {} };

const settings = [
  { name: "a VLAN", conf: { vlan: 100 } },
  { name: "the default VLAN", conf: { vlan: 1 } },
  { name: "a VLAN beside the default one", conf: { vlan: 100, preserveDefaultVlan: true } },
  { name: "a trunk", conf: { vlanTrunk: [{ minID: 5, maxID: 9, id: 3 }, { id: 20 }, { id: 7 }] } },
  { name: "an empty trunk", conf: { vlanTrunk: [] } },
  { name: "a VLAN and a trunk", conf: { vlan: 100, vlanTrunk: [{ id: 200 }] } },
  { name: "a VLAN and the default one in a trunk", conf: { vlan: 100, vlanTrunk: [{ id: 1 }] } },
  { name: "a trunk beside the default VLAN", conf: { vlanTrunk: [{ id: 7 }], preserveDefaultVlan: true } },
  { name: "every VLAN", conf: { vlanTrunk: [{ minID: 1, maxID: 4094 }] } },
];

test("the pod's port has the VLANs that the reference plugin gives to one", async () => {
  for (const { name, conf } of settings) {
    const ours = await bridge.add("c1", { ...NO_ADDRESSES, ...conf });
    const filtering = await bridge.vm.sh("cat /sys/class/net/br0/bridge/vlan_filtering");
    const theirs = await bridge.addByReference("c2", { ...NO_ADDRESSES, ...conf });
    const [own, others] = [ours.interfaces[1].name, theirs.interfaces[1].name];
    expect([name, await bridge.vlansOf(own)]).toEqual([name, await bridge.vlansOf(others)]);
    expect([name, await bridge.check("c1", { ...NO_ADDRESSES, ...conf }, ours)]).toEqual([name, ""]);
    expect(filtering).toBe("1\n");
    await bridge.clear();
  }
});

test("a VLAN that is both tagged and not is untagged, where the reference plugin drops the pod's frames", async () => {
  const conf = { ...NO_ADDRESSES, vlan: 100, vlanTrunk: [{ minID: 100, maxID: 101 }] };
  const { interfaces } = await bridge.add("c1", conf);
  expect(await bridge.vlansOf(interfaces[1].name)).toEqual(["100 PVID Egress Untagged", "101"]);
});

test("a bridge that did not filter does so with its first VLAN, and keeps its other pods together", async () => {
  await bridge.add("c1", {});
  await bridge.add("c2", {});
  expect(await bridge.vm.sh("cat /sys/class/net/br0/bridge/vlan_filtering")).toBe("0\n");
  await bridge.add("c3", { vlan: 100 });
  expect(await bridge.vm.sh("cat /sys/class/net/br0/bridge/vlan_filtering")).toBe("1\n");
  await bridge.awaitReach("c1", "10.1.0.3");
  expect(await bridge.reaches("c1", "10.1.0.4")).toBe(false);
});

const damages = [
  {
    name: "its VLAN is gone",
    damage: "bridge vlan del dev PORT vid 100",
    says: "is in VLAN 200, want 100 pvid untagged, 200",
  },
  {
    name: "it has one more",
    damage: "bridge vlan add dev PORT vid 7",
    says: "is in VLAN 7, 100 pvid untagged, 200, want",
  },
  {
    name: "its VLAN is tagged",
    damage: "bridge vlan add dev PORT vid 100",
    says: "is in VLAN 100, 200, want",
  },
  {
    name: "the bridge does not filter",
    damage: "ip link set br0 type bridge vlan_filtering 0",
    says: 'bridge "br0" does not filter VLANs',
  },
];

test("CHECK names what is different when somebody changed the VLANs of a port", async () => {
  const conf = { ...NO_ADDRESSES, vlan: 100, vlanTrunk: [{ id: 200 }] };
  for (const { name, damage, says } of damages) {
    const result = await bridge.add("c1", conf);
    await bridge.vm.sh(damage.replace("PORT", result.interfaces[1].name));
    expect([name, await bridge.check("c1", conf, result)]).toEqual([name, expect.stringContaining(says)]);
    await bridge.clear();
  }
});

test("STATUS finds all that VLANs need when the kernel has it", async () => {
  expect(await bridge.call("STATUS", "c1", { vlan: 100, isGateway: true })).toMatchObject({
    status: 0,
    stdout: "",
  });
});
