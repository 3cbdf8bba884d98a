/** The documents of nodes and of the agent: what they may say, and what is said of what they may not. */

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { formatPrefix } from "../../../src/addr/prefix.ts";
import { decodeAgentConfig } from "../../../src/cluster/config/decode.ts";
import { decodeNode, encodeNode } from "../../../src/cluster/nodes/format.ts";
import { macOfName } from "../../../src/cluster/nodes/node.ts";
import { documentOf } from "../../../src/network/format/document.ts";

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
const schemaOf = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(`conf/schema/${name}.schema.json`, "utf8")));
const isNode = schemaOf("node");
const isAgent = schemaOf("agent");

const node = (document: unknown, name = "node1") => decodeNode(documentOf("node1.json", document), name);
const agent = (document: unknown) => decodeAgentConfig("agent.json", JSON.stringify(document));
const NODE = { addresses: ["192.168.1.11"], ranges: ["10.244.1.0/24"] };

test.for([
  NODE,
  { addresses: ["192.168.1.11"] },
  { ...NODE, $schema: "../node.schema.json", name: "node1", mtu: 9000, mac: "02:00:00:00:00:01" },
  { addresses: ["fd00::11", "192.168.1.11"], ranges: ["10.244.1.0/24", "10.244.9.0/30", "fd00:1::/64"] },
])("a node may say %j, which its JSON says again", (document) => {
  const decoded = node(document);
  expect(node(encodeNode(decoded))).toEqual(decoded);
  expect(isNode(document)).toBe(true);
});

test.for([
  [[], ": want an object"],
  [{}, "addresses: is missing"],
  [{ addresses: [] }, "addresses: want a list of at least one"],
  [{ addresses: ["192.168.1"] }, "addresses[0]: want an address that every node reaches"],
  [{ ...NODE, range: [] }, 'range: is unknown; did you mean "ranges"?'],
  [{ ...NODE, ranges: ["10.244.1.0"] }, "ranges[0]: want a network of four addresses at least"],
  [{ ...NODE, ranges: "10.244.1.0/24" }, "ranges: want a list of networks"],
  [{ ...NODE, mtu: 1000 }, "mtu: want a whole number from 1280 to 65535, got 1000"],
  [{ ...NODE, name: 7 }, 'name: want "node1", got 7'],
] as const)("a node may not say %j: %s", ([document, problem]) => {
  expect(() => node(document)).toThrow(`node1.json: ${problem.replace(/^: /, "")}`);
  expect(isNode(document)).toBe(false);
});

// What a schema cannot say.
test.for([
  [{ addresses: ["10.0.0.1", "10.0.0.2"] }, "addresses[1]: is of the same family as the one before"],
  [{ addresses: ["fe80::1"] }, "addresses[0]: want an address that every node reaches"],
  [{ ...NODE, ranges: ["10.244.1.7/24"] }, "ranges[0]: want a network"],
  [{ ...NODE, ranges: ["10.244.1.0/31"] }, "ranges[0]: want a network of four addresses at least"],
  [{ ...NODE, ranges: ["0.0.0.0/0"] }, "ranges[0]: want a network"],
  [{ ...NODE, ranges: ["10.244.0.0/16", "10.244.1.0/24"] }, "ranges[1]: overlaps 10.244.0.0/16 before it"],
  [{ ...NODE, mac: "01:00:00:00:00:00" }, "mac: want a MAC address of a station"],
  [{ ...NODE, name: "node2" }, 'name: "node2" is not as the file is called, "node1"'],
] as const)("a node may not say %j either: %s", ([document, problem]) => {
  expect(() => node(document)).toThrow(`node1.json: ${problem}`);
});

test("a node is called as Kubernetes calls its nodes, and as no path", () => {
  expect(node(NODE, "ip-10-0-0-1.eu.compute.internal").name).toBe("ip-10-0-0-1.eu.compute.internal");
  for (const name of ["../x", "Node1", "a..b", "", "a_b", "x".repeat(254)])
    expect(() => node(NODE, name), name).toThrow("is no name");
});

test("MAC addresses of nodes are of stations, local, and differ", () => {
  const all = Array.from({ length: 2000 }, (_, index) => macOfName(`node${index}`));
  expect(new Set(all).size).toBe(2000);
  for (const mac of all) expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
});

const FILES = { cluster: { nodes: "files" } };

test("an agent's configuration has what a person leaves out by default, and none without a cluster", () => {
  expect(agent({})).toBeUndefined();
  expect(agent(FILES)).toEqual({
    nodes: "files",
    transport: "auto",
    vxlan: { vni: 1, port: 8472 },
    mtu: 0,
    podRanges: [],
    masquerade: true,
    masqueradeExcept: [],
  });
  expect(isAgent({})).toBe(true);
  expect(isAgent(FILES)).toBe(true);
});

test("an agent's configuration is taken as it is written", () => {
  const document = {
    $schema: "agent.schema.json",
    cluster: {
      nodes: "files",
      transport: "vxlan",
      vxlan: { vni: 4096, port: 4789 },
      mtu: 1400,
      uplink: "192.168.1.0/24",
      podRanges: ["10.244.0.0/16"],
      masquerade: { enabled: false, except: ["192.168.0.0/16"] },
    },
  };
  expect(isAgent(document)).toBe(true);
  const config = agent(document);
  expect(config).toMatchObject({
    transport: "vxlan",
    vxlan: { vni: 4096, port: 4789 },
    mtu: 1400,
    masquerade: false,
  });
  expect(config?.uplink?.network && formatPrefix(config.uplink.network)).toBe("192.168.1.0/24");
  expect(agent({ cluster: { nodes: "files", uplink: "eth1" } })?.uplink).toEqual({ ifname: "eth1" });
});

test.for([
  [{ clusters: {} }, 'clusters: is unknown; did you mean "cluster"?'],
  [{ cluster: {} }, "cluster.nodes: is missing"],
  [{ cluster: { nodes: "etcd" } }, 'cluster.nodes: want "files" or "kubernetes", got "etcd"'],
  [
    { cluster: { ...FILES.cluster, transport: "ipsec" } },
    'cluster.transport: want "auto" or "direct" or "vxlan"',
  ],
  [
    { cluster: { ...FILES.cluster, vxlan: { vni: 0 } } },
    "cluster.vxlan.vni: want a whole number from 1 to 16777215",
  ],
  [
    { cluster: { ...FILES.cluster, vxlan: { prot: 1 } } },
    'cluster.vxlan.prot: is unknown; did you mean "port"?',
  ],
  [{ cluster: { ...FILES.cluster, mtu: 1000 } }, "cluster.mtu: want 0, or 1280 bytes at least, got 1000"],
  [{ cluster: { ...FILES.cluster, podRanges: ["10.244.0.0"] } }, "cluster.podRanges[0]: want a network"],
  [{ cluster: { ...FILES.cluster, masquerade: true } }, "cluster.masquerade: want an object, got true"],
] as const)("an agent's configuration may not be %j: %s", ([document, problem]) => {
  expect(() => agent(document)).toThrow(`agent.json: ${problem}`);
  expect(isAgent(document)).toBe(false);
});
