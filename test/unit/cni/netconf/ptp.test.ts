import { expect, test } from "vitest";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";

const IPAM = { ipam: { type: "host-local", subnet: "10.1.0.0/16" } };
const modeOf = (conf: object) => requestOf(conf).netconf.mode;
const decode = (conf: object) => requestOf({ mode: "ptp", ...IPAM, ...conf }).netconf.ptp;

test.for([
  [{}, "bridge"],
  [{ mode: "" }, "bridge"],
  [{ mode: null }, "bridge"],
  [{ mode: "bridge" }, "bridge"],
  [{ mode: "ptp" }, "ptp"],
  [{ MODE: "ptp" }, "ptp"],
] as const)("decodeMode() of %j is %s", ([conf, mode]) => {
  expect(modeOf(conf)).toBe(mode);
});

test.for([{ mode: "macvlan" }, { mode: "PTP" }, { mode: 7 }, { mode: {} }])(
  "decodeMode() gives code 7 and names the field when given %j",
  (conf) => {
    const error = cniErrorOf(() => modeOf(conf));
    expect(error.code).toBe(7);
    expect(error.message).toMatch(/^mode: /);
  },
);

test("decodeMode() says what would be right", () => {
  expect(cniErrorOf(() => modeOf({ mode: "routed" })).message).toBe(
    'mode: got "routed", want "bridge" or "ptp"',
  );
});

test.for([
  [{}, false],
  [{ forwarding: "" }, false],
  [{ forwarding: "ensure" }, false],
  [{ forwarding: "leave" }, true],
] as const)("decodeInterface() of %j leaves forwarding: %s", ([conf, leaves]) => {
  expect(requestOf(conf).netconf.bridge.leavesForwarding).toBe(leaves);
  expect(decode(conf).leavesForwarding).toBe(leaves);
});

test.for(["off", "LEAVE", false, 1])("decodeInterface() refuses forwarding %j", (forwarding) => {
  const error = cniErrorOf(() => decode({ forwarding }));
  expect(error.code).toBe(7);
  expect(error.message).toMatch(/^forwarding: got .*, want /);
});

test("decodePtp() makes the node the gateway whatever the fields say", () => {
  expect(decode({})).toMatchObject({ isGateway: true, isDefaultGateway: false, forward: false, mtu: 0 });
  expect(decode({ isGateway: false, isDefaultGateway: true, forward: true, mtu: 1400 })).toMatchObject({
    isGateway: true,
    isDefaultGateway: true,
    forward: true,
    mtu: 1400,
  });
});

const REFUSED = [
  [{ bridge: "cni0" }, "bridge"],
  [{ vlan: 7 }, "vlan"],
  [{ vlanTrunk: [{ id: 7 }] }, "vlanTrunk"],
  [{ preserveDefaultVlan: true }, "preserveDefaultVlan"],
  [{ hairpinMode: true }, "hairpinMode"],
  [{ promiscMode: true }, "promiscMode"],
  [{ portIsolation: true }, "portIsolation"],
  [{ forceAddress: true }, "forceAddress"],
  [{ macspoofchk: true }, "macspoofchk"],
  [{ raGuard: true }, "raGuard"],
  [{ disableContainerInterface: true }, "disableContainerInterface"],
  [{ ingressPolicy: "same-bridge" }, "ingressPolicy"],
  [{ ingressPolicy: "closed" }, "ingressPolicy"],
  [{ ipam: undefined }, "ipam.type"],
  [{ ipam: {} }, "ipam.type"],
  [{ mtu: 7 }, "mtu"],
] as const;

test.for(REFUSED)("decodePtp() gives code 7 and names the field when given %j", ([conf, path]) => {
  const error = cniErrorOf(() => decode(conf));
  expect(error.code).toBe(7);
  expect(error.message.startsWith(`${path}: `)).toBe(true);
});

test("decodePtp() takes fields of a bridge that ask for nothing", () => {
  const nothing = {
    bridge: "",
    vlan: 0,
    vlanTrunk: [],
    hairpinMode: false,
    promiscMode: false,
    portIsolation: false,
  };
  expect(decode({ ...nothing, forceAddress: false, macspoofchk: false, ingressPolicy: "" }).isGateway).toBe(
    true,
  );
});
