/** Gateways and default routes as isGateway and isDefaultGateway complete them, for each family alone and both. */

import { expect, test } from "vitest";
import { formatAddress } from "../../../../src/addr/address.ts";
import { formatPrefix } from "../../../../src/addr/prefix.ts";
import {
  completeAddressing,
  effectiveRoutes,
  gatewayOf,
} from "../../../../src/attachment/plan/pod-addressing.ts";
import type { IpConfig, Result, RouteConfig } from "../../../../src/cni/result.ts";
import { requestOf } from "../../../support/fixtures/request.ts";
import { address, prefix } from "../../../support/fixtures/values.ts";

/** `10.1.0.5/16` or `10.1.0.5/16 via 10.1.0.1`. */
function ip(text: string): IpConfig {
  const [value = "", gateway] = text.split(" via ");
  return { address: prefix(value), ...(gateway === undefined ? {} : { gateway: address(gateway) }) };
}

function route(text: string): RouteConfig {
  const [dst = "", gw] = text.split(" via ");
  return { dst: prefix(dst), ...(gw === undefined ? {} : { gw: address(gw) }) };
}

function given(ips: readonly string[], routes: readonly string[] = []): Result {
  return { interfaces: [], ips: ips.map(ip), routes: routes.map(route), dns: {} };
}

function config(conf: object) {
  return requestOf(conf).netconf.bridge;
}

function routeTexts(routes: readonly RouteConfig[]): string[] {
  return routes.map(
    ({ dst, gw }) => formatPrefix(dst) + (gw === undefined ? "" : ` via ${formatAddress(gw)}`),
  );
}

const GATEWAYS: [conf: object, ips: string[], wanted: (string | undefined)[]][] = [
  [{}, ["10.1.0.5/16"], [undefined]],
  [{}, ["10.1.0.5/16 via 10.1.0.9"], ["10.1.0.9"]],
  [{ isGateway: true }, ["10.1.0.5/16"], ["10.1.0.1"]],
  [{ isGateway: true }, ["10.1.0.5/16 via 10.1.0.9"], ["10.1.0.9"]],
  [{ isGateway: true }, ["fd00::5/64", "10.1.0.5/16"], ["fd00::1", "10.1.0.1"]],
  [{ isDefaultGateway: true }, ["10.1.0.5/16"], ["10.1.0.1"]],
];

test.for(GATEWAYS)("completeAddressing() fills gateways in when %j has %j", ([conf, ips, wanted]) => {
  const { ips: completed } = completeAddressing(given(ips), config(conf));
  expect(completed.map(({ gateway }) => gateway && formatAddress(gateway))).toEqual(wanted);
});

const DEFAULTS: [name: string, ips: string[], routes: string[], wanted: string[]][] = [
  ["there are no routes", ["10.1.0.5/16"], [], ["0.0.0.0/0 via 10.1.0.1"]],
  [
    "there are both families",
    ["10.1.0.5/16", "fd00::5/64"],
    [],
    ["0.0.0.0/0 via 10.1.0.1", "::/0 via fd00::1"],
  ],
  ["it is IPv6 alone", ["fd00::5/64"], [], ["::/0 via fd00::1"]],
  [
    "the default route is given without a gateway",
    ["10.1.0.5/16"],
    ["0.0.0.0/0"],
    ["0.0.0.0/0 via 10.1.0.1"],
  ],
  [
    "the default route is given with a gateway",
    ["10.1.0.5/16"],
    ["0.0.0.0/0 via 10.1.0.77"],
    ["0.0.0.0/0 via 10.1.0.77"],
  ],
  [
    "one family's default route is given",
    ["10.1.0.5/16", "fd00::5/64"],
    ["::/0 via fd00::77"],
    ["::/0 via fd00::77", "0.0.0.0/0 via 10.1.0.1"],
  ],
  ["other routes are given", ["10.1.0.5/16"], ["10.9.0.0/16"], ["10.9.0.0/16", "0.0.0.0/0 via 10.1.0.1"]],
  ["there are two ranges of one family", ["10.1.0.5/16", "10.2.0.5/16"], [], ["0.0.0.0/0 via 10.1.0.1"]],
  ["half of the space is given", ["10.1.0.5/16"], ["0.0.0.0/1"], ["0.0.0.0/1", "0.0.0.0/0 via 10.1.0.1"]],
];

test.for(DEFAULTS)(
  "completeAddressing() gives one default route a family when %s",
  ([, ips, routes, wanted]) => {
    const completed = completeAddressing(given(ips, routes), config({ isDefaultGateway: true }));
    expect(routeTexts(completed.routes)).toEqual(wanted);
  },
);

test("completeAddressing() leaves routes alone when isDefaultGateway is off", () => {
  const completed = completeAddressing(given(["10.1.0.5/16"], ["0.0.0.0/0"]), config({ isGateway: true }));
  expect(routeTexts(completed.routes)).toEqual(["0.0.0.0/0"]);
});

test.for([
  [{}, { nameservers: ["192.0.2.1"] }],
  [{ dns: {} }, { nameservers: ["192.0.2.1"] }],
  [{ dns: { search: ["a"] } }, { search: ["a"] }],
  [{ dns: { domain: "b" } }, { domain: "b" }],
  [{ dns: { nameservers: [] } }, { nameservers: [] }],
] as const)(
  "completeAddressing() takes the configuration's resolver settings as a whole when they are %j",
  ([conf, dns]) => {
    const result = { ...given(["10.1.0.5/16"]), dns: { nameservers: ["192.0.2.1"] } };
    expect(completeAddressing(result, config(conf)).dns).toEqual(dns);
  },
);

const EFFECTIVE: [name: string, ips: string[], routes: string[], wanted: string[]][] = [
  ["a route has none", ["10.1.0.5/16 via 10.1.0.1"], ["10.9.0.0/16"], ["10.9.0.0/16 via 10.1.0.1"]],
  [
    "a route has its own",
    ["10.1.0.5/16 via 10.1.0.1"],
    ["10.9.0.0/16 via 10.1.0.7"],
    ["10.9.0.0/16 via 10.1.0.7"],
  ],
  ["nobody has one", ["10.1.0.5/16"], ["10.9.0.0/16"], ["10.9.0.0/16"]],
  ["the family has none", ["10.1.0.5/16 via 10.1.0.1"], ["fd09::/64"], ["fd09::/64"]],
  [
    "the second address has one",
    ["10.1.0.5/16", "10.2.0.5/16 via 10.2.0.1"],
    ["10.9.0.0/16"],
    ["10.9.0.0/16 via 10.2.0.1"],
  ],
  [
    "a default route is there twice",
    ["10.1.0.5/16 via 10.1.0.1"],
    ["0.0.0.0/0", "0.0.0.0/0 via 10.1.0.1"],
    ["0.0.0.0/0 via 10.1.0.1"],
  ],
  [
    "two destinations differ in host bits alone",
    ["10.1.0.5/16 via 10.1.0.1"],
    ["10.9.1.1/16", "10.9.2.2/16"],
    ["10.9.1.1/16 via 10.1.0.1"],
  ],
  [
    "one destination has two gateways",
    ["10.1.0.5/16"],
    ["10.9.0.0/16 via 10.1.0.7", "10.9.0.0/16 via 10.1.0.8"],
    ["10.9.0.0/16 via 10.1.0.7", "10.9.0.0/16 via 10.1.0.8"],
  ],
];

test.for(EFFECTIVE)(
  "effectiveRoutes() gives each route once with its gateway when %s",
  ([, ips, routes, wanted]) => {
    expect(routeTexts(effectiveRoutes(given(ips, routes)))).toEqual(wanted);
  },
);

test.for([{ table: 100 }, { priority: 5 }, { scope: 253 }])(
  "effectiveRoutes() keeps both when they differ in %j",
  (setting) => {
    const routes = [route("10.9.0.0/16 via 10.1.0.1"), { ...route("10.9.0.0/16 via 10.1.0.1"), ...setting }];
    expect(effectiveRoutes({ ips: [], routes })).toEqual(routes);
  },
);

test("gatewayOf() looks at the family when the first address has another", () => {
  const ips = [ip("10.1.0.5/16 via 10.1.0.1"), ip("fd00::5/64 via fd00::1")];
  expect(gatewayOf(ips, 6)).toEqual(address("fd00::1"));
});
