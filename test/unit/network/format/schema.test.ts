/** The JSON schemas that editors use, held against the reader that decides. */

import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Located } from "../../../../src/json/located.ts";
import { documentOf, InvalidFile } from "../../../../src/network/format/document.ts";
import { decodeEndpoint } from "../../../../src/network/format/endpoint.ts";
import { decodeNetwork } from "../../../../src/network/format/network.ts";
import { decodeTier } from "../../../../src/network/format/perf-tier.ts";
import { located, SRIOV, WEB, WEB_RANGE, WEB_RANGE_6 } from "../../../support/fixtures/networks.ts";

const SCHEMAS = "conf/schema";
const EXAMPLES = "conf/examples/networks";

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });

function readJson(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** A schema and the reader of the same sort of object, whose file is called as its members say. */
function pair(file: string, decode: (document: Located) => unknown) {
  const schema = readJson(`${SCHEMAS}/${file}`);
  const validate = ajv.compile(schema);
  return {
    schema,
    bySchema: (document: unknown) => validate(located(document).value),
    byReader: (document: unknown) => {
      try {
        decode(located(document));
        return true;
      } catch (error) {
        if (error instanceof InvalidFile) return false;
        throw error;
      }
    },
  };
}

const NETWORK = pair("network.schema.json", (document) => decodeNetwork(document, "web"));
const TIER = pair("perf-tier.schema.json", (document) => decodeTier(document, "gold"));
const ENDPOINT = pair("endpoint.schema.json", (document) =>
  decodeEndpoint(document, { namespace: "default", name: "ep1" }),
);

const range = (more: object) => ({ ...WEB, ranges: [{ ...WEB_RANGE, ...more }] });
const sriov = (more: object) => ({ ...WEB, attach: { ...SRIOV, ...more } });
const GOLD = { minIops: 5, minBandwidthMbps: 250 };
const EP1 = { network: "web", addresses: ["10.10.120.91"] };

test.for([
  [NETWORK, WEB],
  [NETWORK, { ...WEB, $schema: "x", name: "web", type: "A.b_c", group: "g-1", zone: "z" }],
  [NETWORK, { ...WEB, vlan: undefined }],
  [NETWORK, { ...WEB, vlan: 1, vlanProto: "802.1q", mtu: 68 }],
  [NETWORK, { ...WEB, ranges: [WEB_RANGE, WEB_RANGE_6], mtu: 1280 }],
  [NETWORK, range({ gateway: undefined })],
  [NETWORK, { ...WEB, ranges: [{ subnet: "10.0.0.0/30", start: "10.0.0.1", end: "10.0.0.2" }] }],
  [
    NETWORK,
    { ...WEB, ranges: [{ subnet: "::ffff:10.0.0.0/120", start: "::ffff:10.0.0.1", end: "::ffff:a00:9" }] },
  ],
  [NETWORK, { ...WEB, attach: { kind: "macvlan", uplink: "eth1.120" } }],
  [NETWORK, sriov({})],
  [
    NETWORK,
    { ...sriov({ pfs: ["a", "b"], vfs: "0,2-65534" }), vlanQos: 7, vlanProto: "802.1ad", mtu: 65535 },
  ],
  [NETWORK, sriov({ driver: "vfio-pci", bind: true })],
  [NETWORK, sriov({ driver: "netdev", bind: false })],
  [NETWORK, sriov({ spoofchk: true, trust: false, linkState: "disable" })],
  [TIER, GOLD],
  [TIER, { ...GOLD, $schema: "x", name: "gold", maxIops: 5, maxBandwidthMbps: 4294967295 }],
  [TIER, { minIops: 0, minBandwidthMbps: 0, labels: { "a.b/C_d": "", e: "F.1" } }],
  [ENDPOINT, EP1],
  [ENDPOINT, { ...EP1, $schema: "x", name: "ep1", namespace: "default", labels: { app: "db" } }],
  [ENDPOINT, { ...EP1, addresses: ["fd00::1", "10.0.0.1"] }],
] as const)(
  "schema and reader take the document when it is right: %#",
  ([{ bySchema, byReader }, document]) => {
    expect([byReader(document), bySchema(document)]).toEqual([true, true]);
  },
);

test.for([
  [NETWORK, []],
  [NETWORK, { ...WEB, gatway: 1 }],
  [NETWORK, { ...WEB, name: "none" }],
  [NETWORK, { ...WEB, name: "Web" }],
  [NETWORK, { ...WEB, type: "" }],
  [NETWORK, { ...WEB, group: "-a" }],
  [NETWORK, { ...WEB, zone: null }],
  [NETWORK, { ...WEB, ranges: undefined }],
  [NETWORK, { ...WEB, ranges: [] }],
  [NETWORK, { ...WEB, ranges: [WEB_RANGE, WEB_RANGE_6, WEB_RANGE] }],
  [NETWORK, range({ subnet: "10.10.120.0" })],
  [NETWORK, range({ subnet: "10.10.120.0/31" })],
  [NETWORK, { ...WEB, ranges: [{ ...WEB_RANGE_6, subnet: "fd00:120::/127" }] }],
  [NETWORK, range({ start: undefined })],
  [NETWORK, range({ end: "10.10.120.256" })],
  [NETWORK, range({ end: "10.10.120.099" })],
  [NETWORK, range({ gateway: 1 })],
  [NETWORK, range({ stop: "10.10.120.9" })],
  [NETWORK, { ...WEB, vlan: 0 }],
  [NETWORK, { ...WEB, vlan: 4095 }],
  [NETWORK, { ...WEB, vlan: 1.5 }],
  [NETWORK, { ...WEB, vlan: "120" }],
  [NETWORK, { ...WEB, vlanQos: 1 }],
  [NETWORK, { ...WEB, vlanProto: "802.1ad" }],
  [NETWORK, { ...sriov({}), vlanQos: 8 }],
  [NETWORK, { ...sriov({}), vlan: undefined, vlanQos: 1 }],
  [NETWORK, { ...sriov({}), vlan: undefined, vlanProto: "802.1q" }],
  [NETWORK, { ...WEB, vlanProto: "802.1Q" }],
  [NETWORK, { ...WEB, mtu: 67 }],
  [NETWORK, { ...WEB, mtu: 65536 }],
  [NETWORK, { ...WEB, ranges: [WEB_RANGE, WEB_RANGE_6], mtu: 1279 }],
  [NETWORK, { ...WEB, attach: undefined }],
  [NETWORK, { ...WEB, attach: { kind: "ipvlan", uplink: "eth1" } }],
  [NETWORK, { ...WEB, attach: { kind: "bridge" } }],
  [NETWORK, { ...WEB, attach: { kind: "bridge", uplink: "a/b" } }],
  [NETWORK, { ...WEB, attach: { kind: "bridge", uplink: ".." } }],
  [NETWORK, { ...WEB, attach: { kind: "bridge", uplink: "interface-number" } }],
  [NETWORK, { ...WEB, attach: { kind: "bridge", uplink: "eth1", trust: true } }],
  [NETWORK, sriov({ uplink: "eth1" })],
  [NETWORK, sriov({ pfs: [] })],
  [NETWORK, sriov({ pfs: ["a", "a"] })],
  [NETWORK, sriov({ pfs: undefined })],
  [NETWORK, sriov({ vfs: "0-" })],
  [NETWORK, sriov({ vfs: "01" })],
  [NETWORK, sriov({ driver: "igbvf" })],
  [NETWORK, sriov({ bind: true })],
  [NETWORK, sriov({ spoofchk: "on" })],
  [NETWORK, sriov({ linkState: "up" })],
  [TIER, { ...GOLD, minIops: undefined }],
  [TIER, { ...GOLD, minBandwidthMbps: undefined }],
  [TIER, { ...GOLD, minBandwidthMbps: "250M" }],
  [TIER, { ...GOLD, minIops: -1 }],
  [TIER, { ...GOLD, maxIops: 4294967296 }],
  [TIER, { minIops: 0, minBandwidthMbps: 0, maxBandwidthMbps: 0 }],
  [TIER, { ...GOLD, name: "best-effort" }],
  [TIER, { ...GOLD, labels: { "-a": "b" } }],
  [TIER, { ...GOLD, labels: { a: "-b" } }],
  [TIER, { ...GOLD, labels: { a: 1 } }],
  [TIER, { ...GOLD, bandwidth: 1 }],
  [ENDPOINT, { ...EP1, network: undefined }],
  [ENDPOINT, { ...EP1, network: "We b" }],
  [ENDPOINT, { ...EP1, addresses: [] }],
  [ENDPOINT, { ...EP1, addresses: ["10.0.0.1/24"] }],
  [ENDPOINT, { ...EP1, addresses: ["10.0.0.1", "fd00::1", "fd00::2"] }],
  [ENDPOINT, { ...EP1, namespace: "a.b" }],
  [ENDPOINT, { ...EP1, ip: "10.0.0.1" }],
] as const)(
  "schema and reader refuse the document when it is wrong: %#",
  ([{ bySchema, byReader }, document]) => {
    expect([byReader(document), bySchema(document)]).toEqual([false, false]);
  },
);

/** What a schema cannot say. */
test.for([
  ["the name is not the file's", NETWORK, { ...WEB, name: "blue" }],
  ["host bits are set", NETWORK, range({ subnet: "10.10.120.1/24" })],
  ["the start is outside", NETWORK, range({ start: "10.9.0.1" })],
  ["the end comes first", NETWORK, range({ end: "10.10.120.10" })],
  ["the gateway is in the range", NETWORK, range({ gateway: "10.10.120.50" })],
  ["both ranges are IPv4", NETWORK, { ...WEB, ranges: [WEB_RANGE, WEB_RANGE] }],
  ["an IPv6 address has too many groups", NETWORK, range({ start: "1:2:3:4:5:6:7:8:9" })],
  ["VFs are not ascending", NETWORK, sriov({ vfs: "7-0" })],
  ["the maximum is below the minimum", TIER, { ...GOLD, maxBandwidthMbps: 249 }],
  ["both addresses are IPv4", ENDPOINT, { ...EP1, addresses: ["10.0.0.1", "10.0.0.2"] }],
] as const)("the reader alone refuses the document when %s", ([, { bySchema, byReader }, document]) => {
  expect([byReader(document), bySchema(document)]).toEqual([false, true]);
});

const pick = (...values: readonly unknown[]) => fc.constantFrom(...values);
const anyRange = pick(
  WEB_RANGE,
  WEB_RANGE_6,
  { ...WEB_RANGE, gateway: undefined },
  { ...WEB_RANGE, end: "fd00::1" },
);
const anyNetwork = fc.record({
  name: pick(undefined, "web", "none"),
  ranges: fc.array(anyRange, { maxLength: 3 }),
  vlan: pick(undefined, 0, 1, 4094, 4095),
  vlanQos: pick(undefined, undefined, 0, 7, 8),
  vlanProto: pick(undefined, undefined, "802.1q", "802.1ad"),
  mtu: pick(undefined, 68, 1279, 1280, 65536),
  attach: fc.record({
    kind: pick("sriov", "sriov", "bridge", "macvlan"),
    uplink: pick(undefined, undefined, "eth1", "a b"),
    pfs: pick(undefined, ["a"], ["a"], ["a", "b"], ["a", "a"], []),
    vfs: pick(undefined, undefined, "0-3,7", "x"),
    driver: pick(undefined, "netdev", "vfio-pci"),
    bind: pick(undefined, true, false),
  }),
});

test("the schema takes a network when the reader does", () => {
  let taken = 0;
  const property = fc.property(anyNetwork, (document) => {
    if (!NETWORK.byReader(document)) return true;
    taken++;
    return NETWORK.bySchema(document);
  });
  fc.assert(property, { numRuns: 5_000 });
  expect(taken).toBeGreaterThan(0);
});

test.for([
  ["network", NETWORK],
  ["perf-tier", TIER],
  ["endpoint", ENDPOINT],
] as const)(
  "the examples in the schema are right when it is that of a %s",
  ([, { schema, bySchema, byReader }]) => {
    expect(schema.examples).not.toHaveLength(0);
    for (const example of schema.examples)
      expect([byReader(example), bySchema(example)]).toEqual([true, true]);
  },
);

test.for([["sriov-vlan-120"], ["bridge-dual-stack"], ["macvlan-private"]])(
  "the example %s is right when it is read as a file of that name",
  ([name = ""]) => {
    const file = `${EXAMPLES}/${name}.json`;
    const value = readJson(file);
    expect(decodeNetwork(documentOf(file, value), name)).toMatchObject({ name });
    expect(NETWORK.bySchema(value)).toBe(true);
  },
);

test("every example of a network is tested when the directory is listed", () => {
  expect(readdirSync(EXAMPLES).sort()).toEqual([
    "bridge-dual-stack.json",
    "macvlan-private.json",
    "sriov-vlan-120.json",
  ]);
});
