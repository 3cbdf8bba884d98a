/** Which virtual function a pod gets of several on two cards, and what it is told when there is none for it. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { SriovNode } from "../support/sriov/sriov.ts";

const [FIRST_CARD, SECOND_CARD] = [5, 2];

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [FIRST_CARD, SECOND_CARD] });
  await node.network("both", { vlan: 120, attach: { pfs: ["eth0", "eth1"] } });
  await node.network("all", { vlan: 130 });
  await node.network("some", { vlan: 140, attach: { vfs: "1-2" } });
  await node.network("first", { vlan: 150, attach: { vfs: "0" } });
});
afterEach(() => node.expectEmpty());

/** What a call says that is refused. */
async function refuse(pod: string, wish: string | object) {
  await node.vm.addNetns(pod);
  const { status, result } = await node.call("ADD", { pod, wishes: [wish] });
  expect(status).toBe(1);
  await node.vm.sh(`ip netns del ${pod}`);
  return { code: result.code, msg: result.msg };
}

test("seven pods get a function and an address each, and one is told why not, when eight come at once", async () => {
  const pods = Array.from({ length: 8 }, (_, index) => `c${index + 1}`);
  for (const pod of pods) await node.vm.addNetns(pod);
  const calls = await Promise.all(pods.map((pod) => node.call("ADD", { pod, wishes: ["both"] })));
  const added = calls.filter(({ status }) => status === 0).map(({ result }) => result);
  const distinct = (values: readonly string[]) => [...new Set(values)].sort();
  expect(distinct(added.map(({ interfaces }) => interfaces[0].pciID))).toEqual(
    distinct(node.vfs.map(({ pciAddress }) => pciAddress)),
  );
  expect(distinct(added.map(({ ips }) => ips[0].address))).toHaveLength(7);
  expect(calls.filter(({ status }) => status !== 0)).toMatchObject([
    { result: { code: 11, msg: "no free VF: eth1 has 2 VFs: 2 held; eth0 has 5 VFs: 5 held" } },
  ]);
  const removed = await Promise.all(pods.map((pod) => node.call("DEL", { pod, wishes: ["both"] })));
  expect(removed.map(({ status, stdout }) => [status, stdout])).toEqual(pods.map(() => [0, ""]));
  for (const pod of pods) await node.vm.sh(`ip netns del ${pod}`);
});

function cardOf(pciId: string): string {
  return node.vfs.findIndex(({ pciAddress }) => pciAddress === pciId) < FIRST_CARD ? "eth0" : "eth1";
}

test("pods are spread by the bandwidth that is set aside on each card, not by their number", async () => {
  await node.tier("large", { min: 300 });
  await node.tier("small", { min: 100 });
  await node.tier("huge", { min: 900 });
  const cards: string[] = [];
  for (const [index, perfTier] of ["large", "small", "small", "small"].entries()) {
    const wishes = [{ network: "both", perfTier }];
    const { interfaces } = await node.attach({ pod: `c${index + 1}`, wishes });
    cards.push(cardOf(interfaces[0].pciID));
  }
  // The last one goes where more is set aside: the other card has no function left.
  expect(cards).toEqual(["eth0", "eth1", "eth1", "eth0"]);
  expect(await refuse("c5", { network: "both", perfTier: "huge" })).toEqual({
    code: 11,
    msg: "no bandwidth left to guarantee 900 Mbit/s: eth1 has 200 of 1000 Mbit/s set aside, eth0 has 400 of 1000 Mbit/s set aside",
  });
  for (const pod of ["c1", "c2", "c3", "c4"]) await node.detach({ pod });
});

test("a network with a range takes functions of that range alone, and others get the rest", async () => {
  const given: string[] = [];
  for (const [pod, network] of [
    ["c1", "some"],
    ["c2", "some"],
    ["c3", "all"],
  ] as const) {
    const { interfaces } = await node.attach({ pod, wishes: [network] });
    given.push(interfaces[0].pciID);
  }
  expect(given).toEqual([1, 2, 0].map((index) => node.vf(index).pciAddress));
  expect(await refuse("c4", "some")).toEqual({
    code: 11,
    msg: "no free VF: eth0 has 5 VFs: 3 outside of the network's range, 2 held",
  });
  for (const pod of ["c1", "c2", "c3"]) await node.detach({ pod });
});

const USES: readonly (readonly [use: string, begin: string, end: string, reason: string])[] = [
  ["is up", "ip link set IF up", "ip link set IF down", "in use on the host"],
  ["has an address", "ip address add 192.0.2.1/24 dev IF", "ip address flush dev IF", "in use on the host"],
  [
    "is a port of a bridge",
    "ip link add br9 type bridge; ip link set IF master br9",
    "ip link set IF nomaster; ip link del br9",
    "in use on the host",
  ],
  [
    "is in a namespace of somebody's own",
    "ip netns add other; ip link set IF netns other",
    "ip -n other link set IF netns 1; ip netns del other",
    "in another network namespace",
  ],
  [
    "is set apart for another driver",
    "echo vfio-pci > /sys/bus/pci/devices/PCI/driver_override",
    "echo > /sys/bus/pci/devices/PCI/driver_override",
    "set apart for the driver vfio-pci",
  ],
];

test.each(USES)("ADD leaves a function alone and says why when it %s", async (_, begin, end, reason) => {
  const { ifname, pciAddress } = node.vf(0);
  const fill = (script: string) => script.replaceAll("IF", ifname).replaceAll("PCI", pciAddress);
  await node.vm.sh(fill(begin));
  expect(await refuse("c1", "first")).toEqual({
    code: 11,
    msg: `no free VF: eth0 has 5 VFs: 1 ${reason}, 4 outside of the network's range`,
  });
  await node.vm.sh(fill(end));
});

test("a pod gets the next function when the host uses the first", async () => {
  const { ifname } = node.vf(0);
  await node.vm.sh(`ip address add 192.0.2.1/24 dev ${ifname}; ip link set ${ifname} up`);
  const { interfaces } = await node.attach({ pod: "c1", wishes: ["all"] });
  expect(interfaces).toMatchObject([{ pciID: node.vf(1).pciAddress }]);
  expect(await node.link(ifname)).toMatchObject({ flags: expect.arrayContaining(["UP"]) });
  await node.detach({ pod: "c1" });
  await node.vm.sh(`ip link set ${ifname} down; ip address flush dev ${ifname}`);
});

test("a pod gets the function and the bandwidth of one that is gone when nothing is free", async () => {
  await node.tier("guaranteed", { min: 600 });
  const wishes = [{ network: "first", perfTier: "guaranteed" }];
  await node.attach({ pod: "c1", wishes, runtimeConfig: { mac: "02:00:00:00:00:99" } });
  await node.attach({ pod: "c2", wishes: ["all"] });
  expect(await refuse("c3", "first")).toMatchObject({
    code: 11,
    msg: "no free VF: eth0 has 5 VFs: 1 held, 4 outside of the network's range",
  });
  const conf = { network: "first", notReadyWhenFull: true };
  const status = () => node.call("STATUS", { pod: "", conf });
  expect((await status()).result).toMatchObject({ code: 50 });
  await node.vm.sh("ip netns del c1");
  expect(await status()).toMatchObject({ status: 0, stdout: "" });
  const { interfaces } = await node.attach({ pod: "c3", wishes });
  const { address } = await node.onCard("eth0", 0);
  expect(interfaces).toMatchObject([{ pciID: node.vf(0).pciAddress, mac: address }]);
  expect(address).not.toBe("02:00:00:00:00:99");
  const left = (await node.changes()).join("\n");
  expect(left).not.toMatch(/\/c1\b/);
  expect(left).toMatch(/\/c2\b/);
  await node.vm.sh("ip netns del c3");
  const more = [{ network: "all", perfTier: "guaranteed" }];
  await node.attach({ pod: "c4", wishes: more });
  expect((await node.changes()).join("\n")).not.toMatch(/\/c3\b/);
  for (const pod of ["c2", "c4"]) await node.detach({ pod });
});

test("ADD says that nothing is free when a process keeps the function of a pod that is gone", async () => {
  await node.attach({ pod: "c1", wishes: ["first"] });
  await node.vm.sh("ip netns exec c1 sleep 1000 > /dev/null 2>&1 & echo $! > /tmp/keeper");
  await node.vm.until("[ $(cat /proc/$(cat /tmp/keeper)/comm) = sleep ]");
  await node.vm.sh("ip netns del c1");
  expect(await refuse("c2", "first")).toMatchObject({
    code: 11,
    msg: expect.stringMatching(/^no free VF: eth0 has 5 VFs: 1 held/),
  });
  await node.vm.sh("kill $(cat /tmp/keeper)");
  const { interfaces } = await node.attach({ pod: "c2", wishes: ["first"] });
  expect(interfaces).toMatchObject([{ pciID: node.vf(0).pciAddress }]);
  await node.detach({ pod: "c2" });
});

test("ADD says what makes functions when the card has none, and which cards there are when it is missing", async () => {
  await node.vm.removeVfs("eth1");
  await node.settle();
  await node.network("empty", { attach: { pfs: ["eth1"] } });
  expect(await refuse("c1", "empty")).toEqual({
    code: 11,
    msg: "no free VF: eth1 has no VFs now (podwire vf set-count eth1 N makes some)",
  });
  await node.network("absent", { attach: { pfs: ["eth7", "eth8"] } });
  expect(await refuse("c1", "absent")).toEqual({
    code: 7,
    msg: "no physical function eth7 or eth8: this node has eth0, eth1",
  });
});
