/** In which messages settings are applied, and what becomes of a card's refusals. */

import { expect, test } from "vitest";
import { applyVfSettings } from "../../../src/sriov/apply-vf-settings.ts";
import { VfSettingRefused } from "../../../src/sriov/vf-setting-refused.ts";
import type { VfSettings } from "../../../src/sriov/vf-settings.ts";
import { type Behaviour, FakeCard } from "../../support/sriov/fake-card.ts";

const VF = { pf: "ens1", index: 0 };
const MAC = "02:00:00:00:00:05";

const ALL: VfSettings = {
  linkState: "enable",
  trust: true,
  spoofchk: false,
  maxTxRateMbps: 500,
  minTxRateMbps: 100,
  mac: MAC,
  proto: "802.1ad",
  qos: 5,
  vlan: 120,
};

test("applyVfSettings() sends one attribute a message, in the kernel's order, when all are wanted", () => {
  const card = new FakeCard();
  applyVfSettings(card.socket, { pf: "ens1", index: 3 }, ALL);
  expect(card.requests).toEqual([
    { IFLA_VF_VLAN_LIST: [{ vf: 3, vlan: 120, qos: 5, vlan_proto: 0x88a8 }] },
    { IFLA_VF_MAC: { vf: 3, mac: MAC } },
    { IFLA_VF_RATE: { vf: 3, min_tx_rate: 100, max_tx_rate: 500 } },
    { IFLA_VF_SPOOFCHK: { vf: 3, setting: 0 } },
    { IFLA_VF_TRUST: { vf: 3, setting: 1 } },
    { IFLA_VF_LINK_STATE: { vf: 3, link_state: 1 } },
  ]);
});

test.for([
  ["nothing is wanted", {}, []],
  [
    "a VLAN alone is",
    { vlan: 120 },
    [{ IFLA_VF_VLAN_LIST: [{ vf: 0, vlan: 120, qos: 0, vlan_proto: 0x8100 }] }],
  ],
  ["one rate is", { maxTxRateMbps: 500 }, [{ IFLA_VF_RATE: { vf: 0, min_tx_rate: 0, max_tx_rate: 500 } }]],
  ["the link is to be down", { linkState: "disable" }, [{ IFLA_VF_LINK_STATE: { vf: 0, link_state: 2 } }]],
  [
    "the link is to follow the card's",
    { linkState: "auto" },
    [{ IFLA_VF_LINK_STATE: { vf: 0, link_state: 0 } }],
  ],
] as const)("applyVfSettings() sends no more than it must when %s", ([, wanted, requests]) => {
  const card = new FakeCard();
  applyVfSettings(card.socket, VF, wanted);
  expect(card.requests).toEqual(requests);
});

test.for(["EBUSY", "EAGAIN"])("applyVfSettings() tries again when the card says %s", (errno) => {
  const card = new FakeCard({ errno: (request) => (request < 3 ? errno : undefined) });
  applyVfSettings(card.socket, VF, { trust: true });
  expect(card.requests.length).toBe(4);
});

test("applyVfSettings() tries again when the card says EINVAL to having a limit taken away", () => {
  const card = new FakeCard({ errno: (request) => (request < 3 ? "EINVAL" : undefined) });
  applyVfSettings(card.socket, VF, { minTxRateMbps: 0, maxTxRateMbps: 0 });
  expect(card.requests.length).toBe(4);
});

test.for([{ maxTxRateMbps: 5000 }, { minTxRateMbps: 100 }, { spoofchk: true }])(
  "applyVfSettings() tries once when the card says EINVAL to %j",
  (wanted) => {
    const card = new FakeCard({ errno: () => "EINVAL" });
    expect(() => applyVfSettings(card.socket, VF, wanted)).toThrow(VfSettingRefused);
    expect(card.requests.length).toBe(1);
  },
);

test("applyVfSettings() sets the MAC again when the card does not show it at once", () => {
  const card = new FakeCard({ lateMac: 2 });
  applyVfSettings(card.socket, VF, { mac: MAC });
  expect(card.requests.length).toBe(3);
});

test("applyVfSettings() does not look for a MAC when it is unset", () => {
  const card = new FakeCard();
  applyVfSettings(card.socket, VF, { mac: MAC });
  applyVfSettings(card.socket, VF, { mac: "00:00:00:00:00:00" });
  expect(card.requests.length).toBe(2);
});

test("applyVfSettings() stops at the first refusal when others are still to come", () => {
  const card = new FakeCard({ errno: (request) => (request === 1 ? "EINVAL" : undefined) });
  expect(() => applyVfSettings(card.socket, VF, ALL)).toThrow(VfSettingRefused);
  expect(card.requests.length).toBe(2);
});

interface Refusal {
  readonly wanted: Partial<VfSettings>;
  readonly behaviour: Behaviour;
  readonly setting: string;
  readonly message: string;
}

function refused(errno: string): Behaviour {
  return { errno: () => errno };
}

const REFUSALS: readonly Refusal[] = [
  {
    wanted: { vlan: 120, proto: "802.1ad" },
    behaviour: refused("EPROTONOSUPPORT"),
    setting: "vlan",
    message: `ens1 vf 0: "vlan 120 proto 802.1ad" is refused: RTM_SETLINK: EPROTONOSUPPORT; this card tags with 802.1q alone: leave 802.1ad away`,
  },
  {
    wanted: { minTxRateMbps: 100 },
    behaviour: refused("EINVAL"),
    setting: "minTxRateMbps",
    message: `ens1 vf 0: "min_tx_rate 100 max_tx_rate 0" is refused: RTM_SETLINK: EINVAL; this card guarantees no rate, or not so much: take a tier without a guaranteed bandwidth`,
  },
  {
    wanted: { maxTxRateMbps: 0 },
    behaviour: refused("EINVAL"),
    setting: "minTxRateMbps",
    message: `ens1 vf 0: "min_tx_rate 0 max_tx_rate 0" is refused: RTM_SETLINK: EINVAL; some cards take a limit away only while their link is up`,
  },
  {
    wanted: { linkState: "enable" },
    behaviour: refused("EOPNOTSUPP"),
    setting: "linkState",
    message: `ens1 vf 0: "state enable" is refused: RTM_SETLINK: EOPNOTSUPP; this card or its driver cannot set it: leave it away, or ask for what the function has (podwire vf list)`,
  },
  {
    wanted: { spoofchk: false },
    behaviour: refused("EOPNOTSUPP"),
    setting: "spoofchk",
    message: `ens1 vf 0: "spoofchk off" is refused: RTM_SETLINK: EOPNOTSUPP; this card or its driver cannot set it: leave it away, or ask for what the function has (podwire vf list)`,
  },
  {
    wanted: { trust: true },
    behaviour: refused("EPERM"),
    setting: "trust",
    message: `ens1 vf 0: "trust on" is refused: RTM_SETLINK: EPERM; run as root with CAP_NET_ADMIN`,
  },
  {
    wanted: { vlan: 120, qos: 5 },
    behaviour: refused("ENODEV"),
    setting: "vlan",
    message: `ens1 vf 0: "vlan 120 qos 5 proto 802.1q" is refused: RTM_SETLINK: ENODEV; the physical function is gone from this network namespace`,
  },
  {
    wanted: { maxTxRateMbps: 5 },
    behaviour: refused("EINVAL"),
    setting: "minTxRateMbps",
    message: `ens1 vf 0: "min_tx_rate 0 max_tx_rate 5" is refused: RTM_SETLINK: EINVAL; the number of the VF or the value is out of the card's range`,
  },
  {
    wanted: { vlan: 4095 },
    behaviour: refused("EINVAL"),
    setting: "vlan",
    message: `ens1 vf 0: "vlan 4095 proto 802.1q" is refused: RTM_SETLINK: EINVAL; the number of the VF or the value is out of the card's range`,
  },
  {
    wanted: { trust: true },
    behaviour: refused("EIO"),
    setting: "trust",
    message: `ens1 vf 0: "trust on" is refused: RTM_SETLINK: EIO; the kernel's log may say why: dmesg`,
  },
  {
    wanted: { trust: true },
    behaviour: refused("EBUSY"),
    setting: "trust",
    message: `ens1 vf 0: "trust on" is refused: RTM_SETLINK: EBUSY; the card is busy; try again`,
  },
  {
    wanted: { mac: MAC },
    behaviour: { lateMac: 1000, errno: (request) => (request === 0 ? "EBUSY" : undefined) },
    setting: "mac",
    message: `ens1 vf 0: "mac ${MAC}" is refused: the card does not show it afterwards; the card is busy; try again`,
  },
];

test.for(REFUSALS)("applyVfSettings() says what would be right when $message", (refusal) => {
  const { wanted, behaviour, setting, message } = refusal;
  const attempt = () => applyVfSettings(new FakeCard(behaviour).socket, VF, wanted);
  expect(attempt).toThrow(expect.objectContaining({ name: "VfSettingRefused", ...VF, setting, message }));
});
