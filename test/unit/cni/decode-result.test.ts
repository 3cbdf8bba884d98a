/** Results from elsewhere: whose version counts, what may be missing, what is refused and where. */

import { expect, test } from "vitest";
import { decodeResult } from "../../../src/cni/decode-result.ts";
import { cniErrorOf } from "../../support/fixtures/request.ts";
import { address, prefix } from "../../support/fixtures/values.ts";

function decode(value: unknown, version: "0.2.0" | "0.4.0" | "1.1.0" = "1.1.0") {
  return decodeResult({ path: "prevResult", value }, version);
}

test.for([
  ["1.1.0", { ips: [{ address: "10.1.0.5/16" }] }],
  ["0.2.0", { ip4: { ip: "10.1.0.5/16" } }],
  ["0.2.0", { cniVersion: "", ip4: { ip: "10.1.0.5/16" } }],
  ["0.2.0", { cniVersion: "1.0.0", ips: [{ address: "10.1.0.5/16" }] }],
  ["1.1.0", { cniVersion: "0.1.0", ip4: { ip: "10.1.0.5/16" } }],
] as const)(
  "decodeResult() reads the shape of the result's own version when the configuration has %s and it is %j",
  ([version, value]) => {
    expect(decode(value, version).ips).toEqual([{ address: prefix("10.1.0.5/16") }]);
  },
);

test("decodeResult() gives an empty result when the document is empty", () => {
  expect(decode({})).toEqual({ interfaces: [], ips: [], routes: [], dns: {} });
});

test("decodeResult() leaves out empty texts and zero MTU when another plugin wrote them", () => {
  const value = {
    interfaces: [{ name: "eth0", mac: "", sandbox: "", mtu: 0, socketPath: "", pciID: "" }],
    dns: { domain: "" },
  };
  expect(decode(value)).toMatchObject({ interfaces: [{ name: "eth0" }], dns: {} });
  expect(Object.keys(decode(value).interfaces[0] ?? {})).toEqual(["name"]);
});

test("decodeResult() matches keys without regard to case when another plugin writes them otherwise", () => {
  const value = {
    IPs: [{ Address: "10.1.0.5/16", GATEWAY: "10.1.0.1", Interface: 0 }],
    Routes: [{ DST: "0.0.0.0/0", GW: "10.1.0.1" }],
  };
  expect(decode(value)).toMatchObject({
    ips: [{ address: prefix("10.1.0.5/16"), gateway: address("10.1.0.1"), interface: 0 }],
    routes: [{ dst: prefix("0.0.0.0/0"), gw: address("10.1.0.1") }],
  });
});

const BAD: [name: string, value: unknown, code: number, path: string][] = [
  ["no object", [], 7, "prevResult"],
  ["of an unknown version", { cniVersion: "0.7.0" }, 1, "incompatible CNI versions"],
  ["with a list that is none", { ips: {} }, 7, "prevResult.ips"],
  ["with an address without length", { ips: [{ address: "10.1.0.5" }] }, 7, "prevResult.ips[0].address"],
  ["without an address", { ips: [{}] }, 7, "prevResult.ips[0].address"],
  [
    "with a broken gateway",
    { ips: [{ address: "10.1.0.5/16", gateway: "x" }] },
    7,
    "prevResult.ips[0].gateway",
  ],
  [
    "with a broken index",
    { ips: [{ address: "10.1.0.5/16", interface: "0" }] },
    7,
    "prevResult.ips[0].interface",
  ],
  ["with a route without dst", { routes: [{ gw: "10.1.0.1" }] }, 7, "prevResult.routes[0].dst"],
  ["with a broken gw", { routes: [{ dst: "::/0", gw: "::/0" }] }, 7, "prevResult.routes[0].gw"],
  ["with a negative mtu", { routes: [{ dst: "::/0", mtu: -1 }] }, 7, "prevResult.routes[0].mtu"],
  [
    "with a scope beyond a byte",
    { routes: [{ dst: "0.0.0.0/0", scope: 256 }] },
    7,
    "prevResult.routes[0].scope",
  ],
  ["with an interface that is none", { interfaces: ["eth0"] }, 7, "prevResult.interfaces[0]"],
  ["with a name server that is none", { dns: { nameservers: [1] } }, 7, "prevResult.dns.nameservers[0]"],
  ["with a broken ip4", { cniVersion: "0.2.0", ip4: { ip: "x" } }, 7, "prevResult.ip4.ip"],
  ["with an ip4 that is none", { cniVersion: "0.2.0", ip4: "10.1.0.5/16" }, 7, "prevResult.ip4"],
];

test.for(BAD)("decodeResult() gives code and path when the result is %s", ([, value, code, path]) => {
  const error = cniErrorOf(() => decode(value));
  expect(error.code).toBe(code);
  expect(error.message.startsWith(path)).toBe(true);
});
