/** What a network leaves away is a value too: a virtual function has it, whatever somebody has left on it before. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { type NetworkFields, SriovNode } from "../support/sriov/sriov.ts";
import { failuresOf, KILL } from "../support/sriov/sriov-faults.ts";
import { SWEEP_TIMEOUT_MS } from "../support/sriov/sriov-killed.ts";

const CALL = { pod: "c1", wishes: ["plain"] };
const MAC = "02:00:00:00:00:99";
const LEFT_MAC = "02:00:00:00:00:77";

let node: SriovNode;
let own: { readonly mac: string; readonly ifname: string };
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [1, 0] });
  await node.network("plain", {});
  const { ifname } = node.vf(0);
  own = { ifname, mac: (await node.link(ifname)).address };
});
/** What was left is to be there after the pod; then it goes, for the next test. */
afterEach(async () => {
  try {
    await node.expectEmpty();
  } finally {
    await node.vm.sh(`ip link set eth0 vf 0 vlan 0 max_tx_rate 0 spoofchk on trust off mac ${own.mac}
      ip link set ${own.ifname} mtu 1500 up; ip link set ${own.ifname} down`);
    await node.settle();
  }
});

/** Somebody sets the function on its card, as ip(8) spells it, before there is a pod. */
async function leave(settings: string): Promise<void> {
  await node.vm.sh(`ip link set eth0 vf 0 ${settings}`);
  await node.settle();
}

const LEFT: readonly (readonly [left: string, shown: object])[] = [
  ["vlan 100", { vlan_list: [{ vlan: 0 }] }],
  ["vlan 100 qos 5", { vlan_list: [{ vlan: 0 }] }],
  ["max_tx_rate 50", { rate: { min_tx: 0, max_tx: 0 } }],
  ["trust on", { trust: false }],
  ["vlan 100 qos 5 max_tx_rate 50 trust on", { rate: { min_tx: 0, max_tx: 0 }, trust: false }],
];

test.each(LEFT)(
  "ADD takes %s away when the network says nothing of it, and DEL puts it back",
  async (left, shown) => {
    await leave(left);
    const prevResult = await node.attach(CALL);
    const present = await node.onCard("eth0", 0);
    expect(present).toMatchObject({ ...shown, vlan_list: [{}] });
    expect(Object.keys(present.vlan_list[0])).toEqual([]);
    expect(await node.call("CHECK", { ...CALL, conf: { prevResult } })).toMatchObject({
      status: 0,
      stdout: "",
    });
    await node.detach(CALL);
  },
);

test("a pod without a VLAN reaches who is untagged when somebody has left VLAN 100 on its function", async () => {
  await leave("vlan 100");
  await node.vm.sh("ip link set eth1 up; ip address add 10.10.1.1/24 dev eth1");
  await node.attach(CALL);
  try {
    await node.vm.until("ip netns exec c1 ping -c 1 -W 1 10.10.1.1");
  } finally {
    await node.vm.sh("ip address flush dev eth1");
    await node.detach(CALL);
  }
});

test("ADD leaves the spoof check as it is set when the network says nothing of it", async () => {
  await leave("spoofchk off");
  await node.attach(CALL);
  expect(await node.onCard("eth0", 0)).toMatchObject({ spoofchk: false });
  await node.detach(CALL);
});

test.each([
  ["vlan 100", "vlan 100, want 0"],
  ["max_tx_rate 50", "maxTxRateMbps 50, want 0"],
  ["trust on", "trust true, want false"],
])("CHECK says so when the network says nothing of it and somebody sets %s", async (change, difference) => {
  const prevResult = await node.attach(CALL);
  await node.vm.sh(`ip link set eth0 vf 0 ${change}`);
  const { result } = await node.call("CHECK", { ...CALL, conf: { prevResult } });
  expect(result).toMatchObject({
    code: 102,
    msg: expect.stringContaining(`VF 0 of "eth0" has ${difference}`),
  });
  await node.detach(CALL);
});

/** This card takes no link state; that of its functions is auto. */
const AUTO: readonly NetworkFields[] = [{}, { attach: { linkState: "auto" } }];

test.each(AUTO)(
  "ADD does not ask the card for what the function has when the network says %j",
  async (fields) => {
    await node.network("auto", fields);
    const call = { pod: "c1", wishes: ["auto"] };
    await node.attach(call);
    await node.detach(call);
  },
);

const MOST_MESSAGES = 60;

test("ADD names what was left, and leaves nothing, when the card refuses to change it", async () => {
  await leave("trust on");
  const messages: string[] = [];
  for (let nth = 1; nth <= MOST_MESSAGES && !messages.some((message) => message.includes("trust")); nth++) {
    const wrapper = `strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:error=EOPNOTSUPP:when=${nth}`;
    await node.vm.addNetns("c1");
    const { result } = await node.call("ADD", { ...CALL, wrapper });
    messages.push(result?.msg ?? "");
    await node.detach(CALL);
    expect(await node.changes()).toEqual([]);
  }
  expect(messages.at(-1)).toContain('configureVf: eth0 vf 0: "trust off" is refused: ');
});

test.each([
  ["that its function has on the card when it asks for none", CALL, LEFT_MAC],
  [
    "that it asks for when its function has another on the card",
    { ...CALL, runtimeConfig: { mac: MAC } },
    MAC,
  ],
])("the pod has the MAC %s", async (_, call, mac) => {
  await leave(`mac ${LEFT_MAC}`); // the interface does not know of it yet
  const prevResult = await node.attach(call);
  expect(prevResult.interfaces).toMatchObject([{ mac }]);
  expect(await node.link("eth0", "c1")).toMatchObject({ address: mac });
  expect(await node.call("CHECK", { ...call, conf: { prevResult } })).toMatchObject({
    status: 0,
    stdout: "",
  });
  await node.detach(call);
  // Since the pod set it up, it knows.
  const changes = await node.changes();
  expect(changes.map((change) => change.split(" {")[0])).toEqual([`+ ${own.ifname}`, `- ${own.ifname}`]);
  expect(await node.link(own.ifname)).toMatchObject({ address: LEFT_MAC });
  expect(await node.onCard("eth0", 0)).toMatchObject({ address: LEFT_MAC });
  await node.settle();
});

test("the pod has the card's MTU when the network has none and somebody has left another on the function", async () => {
  await node.vm.sh(`ip link set ${own.ifname} mtu 1400`);
  await node.settle();
  const prevResult = await node.attach(CALL);
  expect(prevResult.interfaces).toMatchObject([{ mtu: 1500 }]);
  expect(await node.link("eth0", "c1")).toMatchObject({ mtu: 1500 });
  await node.detach(CALL);
});

test(
  "DEL puts back what somebody has left when ADD was killed before any of its changes",
  async () => {
    await leave("vlan 100 qos 5 max_tx_rate 50 trust on");
    const next = node.line("DEL", CALL);
    const { count, failures } = await failuresOf(node, { verb: "ADD", pod: CALL, effect: KILL, next });
    expect([count > 10, failures]).toEqual([true, []]);
  },
  SWEEP_TIMEOUT_MS,
);
