/** The bridge's fields: defaults, values, precedence of MAC addresses, and what is refused with which code. */

import { expect, test } from "vitest";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";

function decode(conf: object, args = "") {
  return requestOf(conf, { CNI_ARGS: args }).netconf.bridge;
}

const DEFAULTS = {
  bridge: "cni0",
  isGateway: false,
  isDefaultGateway: false,
  leavesForwarding: false,
  forceAddress: false,
  mtu: 0,
  forward: false,
  hairpinMode: false,
  promiscMode: false,
  portIsolation: false,
  raGuard: undefined,
  disableContainerInterface: false,
  enabledad: false,
  mac: undefined,
  dns: undefined,
};

test("decodeBridge() has the reference's defaults when nothing is said", () => {
  expect(decode({})).toEqual(DEFAULTS);
});

test.for([
  [{ bridge: "br1" }, { bridge: "br1" }],
  [{ bridge: "" }, {}],
  [{ bridge: null }, {}],
  [{ BRIDGE: "br1" }, { bridge: "br1" }],
  [{ isGateway: true }, { isGateway: true, raGuard: "default" }],
  [{ isDefaultGateway: true }, { isDefaultGateway: true, isGateway: true, raGuard: "default" }],
  [{ isGateway: true, raGuard: false }, { isGateway: true }],
  [
    { isGateway: true, raGuard: true },
    { isGateway: true, raGuard: "required" },
  ],
  [{ raGuard: true }, { raGuard: "required" }],
  [{ forceAddress: true }, { forceAddress: true }],
  [{ mtu: 68 }, { mtu: 68 }],
  [{ mtu: 65535 }, { mtu: 65535 }],
  [{ hairpinMode: true }, { hairpinMode: true }],
  [{ promiscMode: true }, { promiscMode: true }],
  [{ portIsolation: true }, { portIsolation: true }],
  [{ disableContainerInterface: true }, { disableContainerInterface: true }],
  [{ enabledad: true }, { enabledad: true }],
  [{ dns: { search: ["a"] } }, { dns: { search: ["a"] } }],
  [{ vlan: 7 }, { portVlans: { untagged: 7, own: 7, tagged: [], keepsDefault: false } }],
  [{ ipMasq: false, macspoofchk: false, vlan: 0, ipMasqBackend: "nftables", preserveDefaultVlan: true }, {}],
] as const)("decodeBridge() reads %j", ([conf, changed]) => {
  expect(decode(conf)).toEqual({ ...DEFAULTS, ...changed });
});

const BAD: [conf: object, path: string][] = [
  [{ bridge: 1 }, "bridge"],
  [{ bridge: "a/b" }, "bridge"],
  [{ bridge: ".." }, "bridge"],
  [{ bridge: "a b" }, "bridge"],
  [{ bridge: "a".repeat(16) }, "bridge"],
  [{ isGateway: "true" }, "isGateway"],
  [{ raGuard: "true" }, "raGuard"],
  [{ mtu: "1500" }, "mtu"],
  [{ mtu: 1500.5 }, "mtu"],
  [{ mtu: -1 }, "mtu"],
  [{ mtu: 67 }, "mtu"],
  [{ mtu: 65536 }, "mtu"],
  [{ vlan: 4095 }, "vlan"],
  [{ hairpinMode: true, promiscMode: true }, "hairpinMode"],
  [{ disableContainerInterface: true, ipam: { type: "host-local" } }, "disableContainerInterface"],
  [{ dns: { nameservers: "192.0.2.1" } }, "dns.nameservers"],
  [{ runtimeConfig: { mac: "junk" } }, "runtimeConfig.mac"],
  [{ runtimeConfig: { mac: "01:00:5e:00:00:01" } }, "runtimeConfig.mac"],
  [{ runtimeConfig: { mac: 7 } }, "runtimeConfig.mac"],
  [{ args: { cni: { mac: "00:00:00:00:00:00" } } }, "args.cni.mac"],
  [{ args: { cni: [] } }, "args.cni"],
];

test.for(BAD)("decodeBridge() gives code 7 and the path when given %j", ([conf, path]) => {
  const error = cniErrorOf(() => decode(conf));
  expect(error.code).toBe(7);
  expect(error.message.startsWith(path)).toBe(true);
});

test("decodeBridge() allows disableContainerInterface when ipam names no plugin", () => {
  expect(decode({ disableContainerInterface: true, ipam: {} }).disableContainerInterface).toBe(true);
});

const RUNTIME = "02:00:00:00:00:0a";
const USER = "02:00:00:00:00:0b";
const ARGUMENT = "02:00:00:00:00:0c";

test.for([
  [RUNTIME, USER, ARGUMENT, RUNTIME],
  [undefined, USER, ARGUMENT, USER],
  [undefined, undefined, ARGUMENT, ARGUMENT],
  ["", USER, ARGUMENT, USER],
  [null, null, ARGUMENT, ARGUMENT],
  ["", "", "", undefined],
  [RUNTIME.toUpperCase(), undefined, "", RUNTIME],
] as const)(
  "decodeBridge() prefers runtimeConfig, then args.cni, then CNI_ARGS when MACs are %j %j %j",
  (row) => {
    const [runtime, user, argument, wanted] = row;
    const conf = { runtimeConfig: { mac: runtime }, args: { cni: { mac: user } } };
    expect(decode(conf, `IgnoreUnknown=1;MAC=${argument}`).mac).toBe(wanted);
  },
);

test("decodeBridge() names CNI_ARGS when its MAC is broken", () => {
  expect(cniErrorOf(() => decode({}, "MAC=junk")).message).toMatch(/^CNI_ARGS MAC: got "junk"/);
});
