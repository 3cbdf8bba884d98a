/** What pods change of a virtual function: as the kernel shows it while they live, and as it was before afterwards. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { type NetworkFields, type Rates, SriovNode } from "../support/sriov/sriov.ts";

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [2, 0] });
  await node.network("web", { vlan: 120 });
});
afterEach(() => node.expectEmpty());

const SHOWN: readonly (readonly [given: string, network: NetworkFields, tier: Rates, shown: object])[] = [
  ["a priority", { vlan: 120, vlanQos: 5 }, {}, { vlan_list: [{ vlan: 120, qos: 5 }] }],
  ["no VLAN", {}, {}, { vlan_list: [{}] }],
  ["no spoof check", { attach: { spoofchk: false } }, {}, { spoofchk: false }],
  ["trust", { attach: { trust: true } }, {}, { trust: true }],
  ["a maximum", {}, { max: 200 }, { rate: { min_tx: 0, max_tx: 200 } }],
  // This card can limit, and cannot guarantee.
  ["both rates", {}, { min: 100, max: 300 }, { rate: { min_tx: 0, max_tx: 300 } }],
];

test.each(SHOWN)("the card shows %s when network and tier say so", async (_, network, tier, shown) => {
  await node.network("special", network);
  await node.tier("special", tier);
  await node.attach({ pod: "c1", wishes: [{ network: "special", perfTier: "special" }] });
  expect(await node.onCard("eth0", 0)).toMatchObject(shown);
  await node.detach({ pod: "c1" });
});

test("ADD says that a minimum is reserved only when the card cannot guarantee it", async () => {
  await node.vm.addNetns("c1");
  const { stderr } = await node.call("ADD", { pod: "c1", wishes: [{ network: "web", perfTier: "high" }] });
  expect(stderr).toContain('"eth0" keeps no minimum rate for VF 0: 500 Mbit/s are reserved only');
  await node.detach({ pod: "c1" });
});

const MAC = "02:00:00:00:00:99";

test("the pod has the MAC that the runtime asks for, on card and interface, when it is up", async () => {
  for (const pod of ["c1", "c2"]) {
    const { interfaces } = await node.attach({ pod, wishes: ["web"], runtimeConfig: { mac: MAC } });
    expect(interfaces).toMatchObject([{ mac: MAC }]);
    expect(await node.onCard("eth0", 0)).toMatchObject({ address: MAC });
    expect(await node.link("eth0", pod)).toMatchObject({ address: MAC });
    await node.detach({ pod });
  }
});

test("the pod has the network's MTU when it has one", async () => {
  await node.network("special", { mtu: 1400 });
  const { interfaces } = await node.attach({ pod: "c1", wishes: ["special"] });
  expect(interfaces).toMatchObject([{ mtu: 1400 }]);
  expect(await node.link("eth0", "c1")).toMatchObject({ mtu: 1400 });
  await node.detach({ pod: "c1" });
});

test("the pod's interface has what the configuration says of it, and the host's not, when that is over", async () => {
  const conf = { promisc: true, allmulti: true, txQLen: 50 };
  await node.attach({ pod: "c1", wishes: ["web"], conf });
  expect(await node.link("eth0", "c1")).toMatchObject({ promiscuity: 1, allmulti: 1, txqlen: 50 });
  await node.detach({ pod: "c1", conf });
});

const REFUSED: readonly (readonly [setting: string, network: NetworkFields, tier: object])[] = [
  ["vlan 120 proto 802.1ad", { vlan: 120, vlanProto: "802.1ad" }, {}],
  ["state disable", { vlan: 120, attach: { linkState: "disable", trust: true } }, {}],
  ["min_tx_rate 0 max_tx_rate 2000", { vlan: 120 }, { max: 2000 }],
];

test.each(REFUSED)(
  "ADD names the setting and leaves nothing when the card refuses %s",
  async (setting, network, tier) => {
    await node.network("special", network);
    await node.tier("special", tier);
    await node.vm.addNetns("c1");
    const { status, result } = await node.call("ADD", {
      pod: "c1",
      wishes: [{ network: "special", perfTier: "special" }],
    });
    expect([status, result.code]).toEqual([1, 101]);
    expect(result.msg).toContain(`configureVf: eth0 vf 0: "${setting}" is refused`);
    expect(await node.changes()).toEqual(["+ /run/netns/c1"]);
    await node.vm.sh("ip netns del c1");
  },
);

/** What a pod changes when it changes all it can. */
async function attachWithEverything(pod: string) {
  const attach = { spoofchk: true, trust: false };
  await node.network("special", { vlan: 120, vlanQos: 5, mtu: 1450, attach });
  await node.tier("special", { max: 200 });
  const wishes = [{ network: "special", perfTier: "special" }];
  await node.attach({ pod, wishes, runtimeConfig: { mac: MAC }, conf: { txQLen: 50 } });
}

test("the administrator's own settings are back when the pod is gone", async () => {
  const { ifname } = node.vf(0);
  const { address } = await node.link(ifname);
  await node.vm.sh(`ip link set eth0 vf 0 mac 02:00:00:00:00:11 vlan 7 qos 2 max_tx_rate 50 spoofchk off trust on
    ip link set ${ifname} address 02:00:00:00:00:11 mtu 1400 txqueuelen 500 name first`);
  await node.settle();
  expect(await node.link("first")).toMatchObject({ address: "02:00:00:00:00:11", mtu: 1400 });
  await attachWithEverything("c1");
  await node.detach({ pod: "c1" });
  await node.expectEmpty();
  await node.vm.sh(`ip link set eth0 vf 0 mac ${address} vlan 0 max_tx_rate 0 spoofchk on trust off
    ip link set first name ${ifname}; ip link set ${ifname} up; ip link set ${ifname} down
    ip link set ${ifname} mtu 1500 txqueuelen 1000`);
  await node.settle();
});

test("a limit holds when the card was down before", async () => {
  await node.vm.sh("ip link set eth0 down");
  await node.tier("special", { max: 200 });
  await node.attach({ pod: "c1", wishes: [{ network: "web", perfTier: "special" }] });
  expect((await node.link("eth0")).flags).toContain("UP");
  expect(await node.onCard("eth0", 0)).toMatchObject({ rate: { max_tx: 200 } });
  await node.detach({ pod: "c1" });
});
