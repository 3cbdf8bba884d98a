import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "../../../../src/addr/address.ts";
import { formatPrefix, parsePrefix } from "../../../../src/addr/prefix.ts";
import { driverOf } from "../../../../src/attachment/kinds/index.ts";
import { networkRoutesOf } from "../../../../src/attachment/kinds/ptp/network-routes.ts";
import { planOwn } from "../../../../src/attachment/plan/plan.ts";
import { decodeRecord, encodeRecord } from "../../../../src/attachment/record/codec.ts";
import { toRecord } from "../../../../src/attachment/record/from-plan.ts";
import { ingressesOfRemoval, ingressOfRecord, NO_INGRESS } from "../../../../src/attachment/rules/ingress.ts";
import type { IpConfig } from "../../../../src/cni/result.ts";
import { requestOf } from "../../../support/fixtures/request.ts";

const CONF = {
  mode: "ptp",
  ipMasq: true,
  forward: true,
  ipam: { type: "host-local", subnet: "10.1.0.0/16" },
};

test("planOwn() makes a pair without a bridge when the mode is ptp", () => {
  const { link, config, traffic } = planOwn(requestOf(CONF));
  expect(link).toEqual({
    kind: "ptp",
    hostIfname: expect.stringMatching(/^veth[0-9a-f]{11}$/),
    hostMac: expect.any(String),
    containerMac: expect.any(String),
    forward: true,
  });
  expect([config.isGateway, traffic?.ingressPolicy]).toEqual([true, "open"]);
});

test("planOwn() gives a pod the same names and addresses in both modes", () => {
  const [bridge, ptp] = ["bridge", "ptp"].map((mode) => planOwn(requestOf({ ...CONF, mode })).link);
  expect(bridge).toMatchObject({ hostIfname: ptp?.hostIfname, containerMac: ptp?.containerMac });
});

test("encodeRecord() and decodeRecord() keep a record of the kind", () => {
  const plan = planOwn(requestOf(CONF));
  const link = driverOf(plan.link.kind).recorded(plan);
  const given = {
    createdAt: "",
    pod: undefined,
    netns: "/run/netns/c1",
    mtu: 1500,
    stdin: "",
    addressing: undefined,
  };
  const record = toRecord(plan, { ...given, link, ifnames: [] });
  expect(record).toMatchObject({ kind: "ptp", forward: true, hostIfname: plan.link.hostIfname });
  expect(decodeRecord(encodeRecord(record))).toEqual(record);
});

test("ingressOfRecord() is the node's end of a pair that has no bridge", () => {
  expect(ingressOfRecord({ hostIfname: "veth1" })).toEqual({
    ifname: "veth1",
    bridge: "",
  });
  expect(ingressOfRecord({})).toBe(NO_INGRESS);
});

test("ingressesOfRemoval() names the bridge and the pair when nothing tells which it was", () => {
  const attachment = { network: "n", containerId: "c", ifname: "eth0" };
  const configured = { ingress: { ifname: "cni0", bridge: "cni0" } };
  const found = ingressesOfRemoval({ attachment, record: undefined, configured });
  expect(found.map(({ ifname }) => ifname)).toEqual(["cni0", expect.stringMatching(/^veth/)]);
});

function ip(prefix: string, gateway?: string): IpConfig {
  const address = parsePrefix(prefix);
  const parsed = gateway === undefined ? undefined : parseAddress(gateway);
  if (address === undefined) throw new Error(prefix);
  return { address, ...(parsed === undefined ? {} : { gateway: parsed }) };
}

const ROWS = [
  { ips: [ip("10.1.0.5/16", "10.1.0.1")], routes: ["10.1.0.1/32", "10.1.0.0/16 via 10.1.0.1"] },
  { ips: [ip("fd00::5/64", "fd00::1")], routes: ["fd00::1/128", "fd00::/64 via fd00::1"] },
  { ips: [ip("10.1.0.5/32", "169.254.1.1")], routes: ["169.254.1.1/32"] },
  {
    ips: [ip("10.1.0.5/16", "10.1.0.1"), ip("10.1.0.6/16", "10.1.0.1")],
    routes: ["10.1.0.1/32", "10.1.0.0/16 via 10.1.0.1"],
  },
  { ips: [ip("10.1.0.5/16")], routes: [] },
];

test.for(ROWS)("networkRoutesOf() leads to the gateways first: $routes", ({ ips, routes }) => {
  const found = networkRoutesOf(ips, false);
  const texts = found.map(
    ({ dst, gw }) => `${formatPrefix(dst)}${gw === undefined ? "" : ` via ${formatAddress(gw)}`}`,
  );
  expect(texts).toEqual(routes);
});

test("networkRoutesOf() names no IPv6 source while the kernel looks for duplicates", () => {
  const ips = [ip("10.1.0.5/16", "10.1.0.1"), ip("fd00::5/64", "fd00::1")];
  const sources = networkRoutesOf(ips, true).map(({ source }) => source && formatAddress(source));
  expect(sources).toEqual(["10.1.0.5", "10.1.0.5", undefined, undefined]);
});
