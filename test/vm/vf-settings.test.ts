/**
 * Settings of VFs on Debian's kernel, judged by ip: on netdevsim, whose driver takes every one, and on igb, which refuses
 * some as real cards do.
 */

import { beforeAll, beforeEach, expect, test } from "vitest";
import type { VfSettings } from "../../src/sriov/vf-settings.ts";
import { type Imports, ROUTE, SOCKET } from "../support/node/in-node.ts";
import { evaluateInGuest, messageInGuest } from "../support/vm/in-guest.ts";
import { Vm } from "../support/vm/vm.ts";

const IMPORTS: Imports = {
  ...ROUTE,
  "src/sriov/apply-vf-settings.ts": ["applyVfSettings"],
  "src/sriov/read-vf-settings.ts": ["readVfSettings", "listVfSettings"],
  "src/sriov/vf-settings.ts": ["changedBy", "RESET"],
};

/** The interface of netdevsim's physical function. */
const SIM = "sim0";
const SIM_DEVICE = "/sys/bus/netdevsim/devices/netdevsim7";
const CARD = "eth0";
const VFS = 4;

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.shared();
  await vm.sh("modprobe netdevsim");
  await vm.addVfs(CARD, 2);
});

/** A new device each time: this one keeps the settings of VFs that are taken away. */
beforeEach(() =>
  vm.sh(`[ ! -e ${SIM_DEVICE} ] || echo 7 > /sys/bus/netdevsim/del_device
    echo "7 1" > /sys/bus/netdevsim/new_device
    ip link set $(ls ${SIM_DEVICE}/net) name ${SIM}
    echo ${VFS} > ${SIM_DEVICE}/sriov_numvfs`),
);

// biome-ignore lint/suspicious/noExplicitAny: a document of iproute2
async function vfInfo(pf: string, index: number): Promise<any> {
  const [link] = await vm.json(`ip -j -d link show dev ${pf}`);
  return link.vfinfo_list[index];
}

function apply(pf: string, index: number, wanted: Partial<VfSettings>): string {
  return `${SOCKET} applyVfSettings(socket, ${JSON.stringify({ pf, index })}, ${JSON.stringify(wanted)});`;
}

const UNTOUCHED = {
  address: "00:00:00:00:00:00",
  spoofchk: false,
  link_state: "auto",
  trust: false,
} as const;

const CASES: readonly (readonly [wanted: Partial<VfSettings>, shown: object])[] = [
  [{ vlan: 120 }, { vlan_list: [{ vlan: 120 }] }],
  [{ vlan: 4094, qos: 7 }, { vlan_list: [{ vlan: 4094, qos: 7 }] }],
  [{ vlan: 120, qos: 3, proto: "802.1ad" }, { vlan_list: [{ vlan: 120, qos: 3, protocol: "802.1ad" }] }],
  [{ mac: "02:00:00:00:00:05" }, { address: "02:00:00:00:00:05" }],
  [{ minTxRateMbps: 100, maxTxRateMbps: 500 }, { rate: { max_tx: 500, min_tx: 100 } }],
  [{ maxTxRateMbps: 500 }, { rate: { max_tx: 500, min_tx: 0 } }],
  [{ spoofchk: true }, { spoofchk: true }],
  [{ trust: true }, { trust: true }],
  [{ linkState: "enable" }, { link_state: "enable" }],
  [{ linkState: "disable" }, { link_state: "disable" }],
];

test.for(CASES)("applyVfSettings() makes ip show %j when the driver takes it", async ([wanted, shown]) => {
  await evaluateInGuest(vm, IMPORTS, apply(SIM, 2, wanted));
  expect(await vfInfo(SIM, 2)).toMatchObject({ ...UNTOUCHED, ...shown });
  expect(await vfInfo(SIM, 1)).toMatchObject(UNTOUCHED);
});

/** All that a VF of netdevsim can be told, by ip. */
const EVERYTHING = `vf 3 vlan 120 qos 5 proto 802.1ad mac 02:00:00:00:00:05 min_tx_rate 100 max_tx_rate 500 \
spoofchk on trust on state disable`;
const EVERYTHING_READ: VfSettings = {
  mac: "02:00:00:00:00:05",
  vlan: 120,
  qos: 5,
  proto: "802.1ad",
  minTxRateMbps: 100,
  maxTxRateMbps: 500,
  spoofchk: true,
  trust: true,
  linkState: "disable",
};

test("readVfSettings() gives what ip has set when the driver takes everything", async () => {
  await vm.sh(`ip link set dev ${SIM} ${EVERYTHING}`);
  const read = await evaluateInGuest(vm, IMPORTS, `${SOCKET} return listVfSettings(socket, "${SIM}");`);
  expect(read).toHaveLength(VFS);
  expect(read[3]).toEqual(EVERYTHING_READ);
  expect(read[2]).not.toEqual(EVERYTHING_READ);
});

test("changedBy() gives what makes ip show the same as before when it is applied afterwards", async () => {
  await vm.sh(`ip link set dev ${SIM} vf 1 vlan 7 mac 02:00:00:00:00:07 max_tx_rate 10 trust on`);
  const before = await vfInfo(SIM, 1);
  const wanted = JSON.stringify(EVERYTHING_READ);
  await evaluateInGuest(
    vm,
    IMPORTS,
    `${SOCKET} const vf = { pf: "${SIM}", index: 1 };
     const original = readVfSettings(socket, vf);
     applyVfSettings(socket, vf, ${wanted});
     applyVfSettings(socket, vf, changedBy(${wanted}, original));`,
  );
  expect(await vfInfo(SIM, 1)).toEqual(before);
});

test("applyVfSettings() keeps what was before the refusal when a setting is refused", async () => {
  const wanted = { vlan: 120, mac: "01:00:00:00:00:05", trust: true }; // a group address
  const message = await messageInGuest(vm, IMPORTS, apply(SIM, 0, wanted));
  expect(message).toContain(`${SIM} vf 0: "mac 01:00:00:00:00:05" is refused: RTM_SETLINK: EINVAL`);
  expect(await vfInfo(SIM, 0)).toMatchObject({ ...UNTOUCHED, vlan_list: [{ vlan: 120 }] });
});

test("applyVfSettings() says so when there is no such VF", async () => {
  const message = await messageInGuest(vm, IMPORTS, apply(SIM, VFS, { trust: true }));
  expect(message).toContain("the number of the VF or the value is out of the card's range");
});

const IGB_CASES: readonly (readonly [wanted: Partial<VfSettings>, shown: object])[] = [
  [{ vlan: 120, qos: 5 }, { vlan_list: [{ vlan: 120, qos: 5 }] }],
  [{ mac: "02:00:00:00:00:05" }, { address: "02:00:00:00:00:05" }],
  [{ maxTxRateMbps: 500 }, { rate: { max_tx: 500, min_tx: 0 } }],
  [{ spoofchk: false }, { spoofchk: false }],
  [{ trust: true }, { trust: true }],
];

test.for(IGB_CASES)(
  "applyVfSettings() changes %j and puts it back when the card is an igb",
  async ([wanted, shown]) => {
    const before = await vfInfo(CARD, 1);
    const vf = JSON.stringify({ pf: CARD, index: 1 });
    const read = `${SOCKET} return readVfSettings(socket, ${vf});`;
    const original = JSON.stringify(await evaluateInGuest(vm, IMPORTS, read));
    await evaluateInGuest(vm, IMPORTS, apply(CARD, 1, wanted));
    expect(await vfInfo(CARD, 1)).toMatchObject(shown);
    const back = `changedBy(${JSON.stringify(wanted)}, ${original})`;
    await evaluateInGuest(vm, IMPORTS, `${SOCKET} applyVfSettings(socket, ${vf}, ${back});`);
    expect(await vfInfo(CARD, 1)).toEqual(before);
  },
);

test.for([
  [
    { vlan: 120, proto: "802.1ad" },
    `${CARD} vf 1: "vlan 120 proto 802.1ad" is refused: RTM_SETLINK: EPROTONOSUPPORT; this card tags with 802.1q alone: leave 802.1ad away`,
  ],
  [
    { minTxRateMbps: 100, maxTxRateMbps: 500 },
    `${CARD} vf 1: "min_tx_rate 100 max_tx_rate 500" is refused: RTM_SETLINK: EINVAL; this card guarantees no rate, or not so much: take a tier without a guaranteed bandwidth`,
  ],
  [
    { linkState: "enable" },
    `${CARD} vf 1: "state enable" is refused: RTM_SETLINK: EOPNOTSUPP; this card or its driver cannot set it: leave it away, or ask for what the function has (podwire vf list)`,
  ],
] as const)(
  "applyVfSettings() says what would be right when an igb refuses %j",
  async ([wanted, message]) => {
    const before = await vfInfo(CARD, 1);
    expect(await messageInGuest(vm, IMPORTS, apply(CARD, 1, wanted))).toBe(message);
    expect(await vfInfo(CARD, 1)).toEqual(before);
  },
);
