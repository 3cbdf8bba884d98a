/** Networks, tiers and endpoints on disk: reading, writing, and what is no object's file. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  listEndpoints,
  listNetworks,
  listTiers,
  readDefaultNetwork,
  readEndpoint,
  readNetwork,
  readTier,
} from "../../../../src/network/files/read-files.ts";
import {
  clearDefaultNetwork,
  createEndpoint,
  createNetwork,
  createTier,
  removeEndpoint,
  removeNetwork,
  removeTier,
  replaceNetwork,
  setDefaultNetwork,
} from "../../../../src/network/files/write-files.ts";
import { InvalidFile } from "../../../../src/network/format/document.ts";
import { network, WEB } from "../../../support/fixtures/networks.ts";
import { address } from "../../../support/fixtures/values.ts";

/** A configuration directory of its own, taken away again. */
class Config {
  readonly dir = mkdtempSync(join(tmpdir(), "podwire-config-"));

  put(path: string, content: object | string): void {
    mkdirSync(join(this.dir, path, ".."), { recursive: true });
    writeFileSync(join(this.dir, path), typeof content === "string" ? content : JSON.stringify(content));
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true });
  }
}

const GOLD = { name: "gold", minIops: 1, minBandwidthMbps: 250 };
const EP1 = { name: "ep1", namespace: "default", network: "web", addresses: [address("10.10.120.91")] };

test("readNetwork() reads what a person wrote when the file is right", () => {
  using config = new Config();
  config.put("networks/web.json", { $schema: "x", ...WEB });
  expect(readNetwork(config.dir, "web")).toEqual(network("web"));
});

test("readNetwork() gives undefined when there is no such file", () => {
  using config = new Config();
  expect(readNetwork(config.dir, "web")).toBeUndefined();
});

test.for([["../networks/web"], ["web.json"], ["none"], [""]])(
  "readNetwork() opens no file when asked for %j",
  ([name = ""]) => {
    using config = new Config();
    config.put("networks/web.json", WEB);
    expect(readNetwork(config.dir, name)).toBeUndefined();
  },
);

test("readNetwork() throws InvalidFile with the path when the file is no JSON", () => {
  using config = new Config();
  config.put("networks/web.json", "{ranges");
  const read = () => readNetwork(config.dir, "web");
  expect(read).toThrow(InvalidFile);
  expect(read).toThrow(`${config.dir}/networks/web.json: is no JSON: `);
});

test("listNetworks() gives networks in order and faults apart when some files are wrong", () => {
  using config = new Config();
  for (const name of ["web", "blue", "red"]) config.put(`networks/${name}.json`, WEB);
  config.put("networks/bad.json", { ...WEB, vlan: 0 });
  config.put("networks/Upper.json", WEB);
  config.put("networks/.web.json.17", "half");
  config.put("networks/.hidden.json", "half");
  config.put("networks/notes.txt", "mine");
  const { networks, faults } = listNetworks(config.dir);
  expect(networks.map(({ name }) => name)).toEqual(["blue", "red", "web"]);
  expect(faults.map(({ file, field }) => [file, field])).toEqual([
    [`${config.dir}/networks/Upper.json`, "name"],
    [`${config.dir}/networks/bad.json`, "vlan"],
  ]);
});

test("listNetworks() gives nothing when nobody made one", () => {
  expect(listNetworks("/nonexistent")).toEqual({ networks: [], faults: [] });
});

test("createNetwork() makes a file that readNetwork() reads when there is none", () => {
  using config = new Config();
  createNetwork(`${config.dir}/podwire.d`, network("web"));
  expect(readNetwork(`${config.dir}/podwire.d`, "web")).toEqual(network("web"));
  expect(readFileSync(`${config.dir}/podwire.d/networks/web.json`, "utf8")).toMatch(
    /^{\n {2}"name": "web",\n/,
  );
});

test("createNetwork() changes nothing when there is one of that name", () => {
  using config = new Config();
  config.put("networks/web.json", "mine");
  expect(() => createNetwork(config.dir, network("web"))).toThrow(
    expect.objectContaining({ errno: "EEXIST" }),
  );
  expect(readFileSync(`${config.dir}/networks/web.json`, "utf8")).toBe("mine");
});

test("replaceNetwork() keeps the schema's name and leaves no other file when a person gave one", () => {
  using config = new Config();
  config.put("networks/web.json", { $schema: "../network.schema.json", ...WEB });
  replaceNetwork(config.dir, network("web", { group: "g" }));
  const text = readFileSync(`${config.dir}/networks/web.json`, "utf8");
  expect(JSON.parse(text)).toMatchObject({ $schema: "../network.schema.json", group: "g" });
  expect(readdirSync(`${config.dir}/networks`)).toEqual(["web.json"]);
});

test("removeNetwork() says whether there was one when called twice", () => {
  using config = new Config();
  createNetwork(config.dir, network("web"));
  expect([removeNetwork(config.dir, "web"), removeNetwork(config.dir, "web")]).toEqual([true, false]);
  expect(readNetwork(config.dir, "web")).toBeUndefined();
});

test("readDefaultNetwork() follows when the default is set, changed and cleared", () => {
  using config = new Config();
  const seen = [readDefaultNetwork(config.dir)];
  for (const name of ["web", "blue"]) {
    setDefaultNetwork(config.dir, name);
    seen.push(readDefaultNetwork(config.dir));
  }
  const cleared = [clearDefaultNetwork(config.dir), clearDefaultNetwork(config.dir)];
  expect([...seen, readDefaultNetwork(config.dir)]).toEqual([undefined, "web", "blue", undefined]);
  expect(cleared).toEqual([true, false]);
});

test.for([["../web\n"], ["a b\n"], [""]])(
  "readDefaultNetwork() throws when the file says %j",
  ([text = ""]) => {
    using config = new Config();
    config.put("default-network", text);
    expect(() => readDefaultNetwork(config.dir)).toThrow(
      `${config.dir}/default-network: want the name of a network`,
    );
  },
);

test.for([
  ["best-effort", { minIops: 0, minBandwidthMbps: 0 }],
  ["medium", { minIops: 5_000, minBandwidthMbps: 125 }],
  ["high", { minIops: 20_000, minBandwidthMbps: 500 }],
] as const)("readTier() knows %s when there is no file", ([name, wanted]) => {
  expect(readTier("/nonexistent", name)).toEqual({ name, ...wanted });
});

test("readTier() gives the file's figures when it changes a tier that is built in", () => {
  using config = new Config();
  config.put("perf-tiers/high.json", { minIops: 1, minBandwidthMbps: 900 });
  expect(readTier(config.dir, "high")).toEqual({ name: "high", minIops: 1, minBandwidthMbps: 900 });
});

test("readTier() gives best-effort as it is when a file would change it", () => {
  using config = new Config();
  config.put("perf-tiers/best-effort.json", { minIops: 1, minBandwidthMbps: 900 });
  expect(readTier(config.dir, "best-effort")).toMatchObject({ minBandwidthMbps: 0 });
  expect(listTiers(config.dir).faults.map(({ field }) => field)).toEqual(["name"]);
});

test("listTiers() gives each tier once when files add one and change one", () => {
  using config = new Config();
  createTier(config.dir, GOLD);
  createTier(config.dir, { ...GOLD, name: "high" });
  const { tiers } = listTiers(config.dir);
  expect(tiers.map(({ name, minBandwidthMbps }) => [name, minBandwidthMbps])).toEqual([
    ["best-effort", 0],
    ["medium", 125],
    ["gold", 250],
    ["high", 250],
  ]);
});

test("removeTier() gives a built-in tier its own figures back when a file changed them", () => {
  using config = new Config();
  createTier(config.dir, { ...GOLD, name: "high" });
  expect(removeTier(config.dir, "high")).toBe(true);
  expect(readTier(config.dir, "high")).toMatchObject({ minBandwidthMbps: 500 });
});

test("readEndpoint() tells namespaces apart when names are equal", () => {
  using config = new Config();
  createEndpoint(config.dir, EP1);
  expect(readEndpoint(config.dir, "default", "ep1")).toEqual(EP1);
  expect(readEndpoint(config.dir, "other", "ep1")).toBeUndefined();
  expect(readdirSync(`${config.dir}/endpoints`)).toEqual(["default.ep1.json"]);
});

test("listEndpoints() gives a fault when a file's name has no namespace", () => {
  using config = new Config();
  createEndpoint(config.dir, EP1);
  config.put("endpoints/ep1.json", { network: "web", addresses: ["10.10.120.91"] });
  const { endpoints, faults } = listEndpoints(config.dir);
  expect(endpoints).toEqual([EP1]);
  expect(faults.map(({ field }) => field)).toEqual(["namespace"]);
});

test("removeEndpoint() takes one away when another namespace has the same name", () => {
  using config = new Config();
  createEndpoint(config.dir, EP1);
  createEndpoint(config.dir, { ...EP1, namespace: "other" });
  expect(removeEndpoint(config.dir, EP1)).toBe(true);
  expect(listEndpoints(config.dir).endpoints).toEqual([{ ...EP1, namespace: "other" }]);
});
