/** What wishes come to: networks, tiers and endpoints by name, by group and by ordinal, from the files of the node. */

import { expect, test } from "vitest";
import type { ResolvedNetwork } from "../../../../src/attachment/plan/input.ts";
import { resolveNetworks } from "../../../../src/attachment/plan/resolve-networks.ts";
import { InvalidFile } from "../../../../src/network/format/document.ts";
import { annotated, endpoints } from "../../../support/fixtures/annotations.ts";
import { ConfigDirectory } from "../../../support/fixtures/config-directory.ts";
import { WEB, WEB_RANGE_6 } from "../../../support/fixtures/networks.ts";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";

/** Networks `web` and `blue`, and whatever else a test puts there. */
function configDirectory(): ConfigDirectory {
  const config = new ConfigDirectory();
  config.put("networks/web.json", WEB);
  config.put("networks/blue.json", addressed(5, 10));
  return config;
}

/** A network `10.1.<third>.0/24` with so many addresses. */
function addressed(third: number, count: number, more: object = {}) {
  const range = {
    subnet: `10.1.${third}.0/24`,
    start: `10.1.${third}.11`,
    end: `10.1.${third}.${10 + count}`,
  };
  return { ranges: [range], attach: { kind: "macvlan", uplink: "eth1" }, ...more };
}

function choose(config: ConfigDirectory, conf: object, args = ""): readonly ResolvedNetwork[] | undefined {
  return resolveNetworks(requestOf({ configDir: config.dir, ...conf }, { CNI_ARGS: args }));
}

function namesOf(config: ConfigDirectory, conf: object, args = "") {
  return choose(config, conf, args)?.map(({ network }) => network.name);
}

function errorOf(config: ConfigDirectory, conf: object, args = "") {
  return cniErrorOf(() => choose(config, conf, args));
}

test("resolveNetworks() gives one for each endpoint, in order, when the annotations name several", () => {
  using config = configDirectory();
  expect(namesOf(config, endpoints({ network: "web" }, { network: "blue" }, { network: "web" }))).toEqual([
    "web",
    "blue",
    "web",
  ]);
});

test("resolveNetworks() gives the network as its file says when it is named", () => {
  using config = configDirectory();
  expect(choose(config, endpoints({ network: "web" }))).toMatchObject([
    { network: { name: "web", vlan: 120, attach: WEB.attach }, tier: { name: "best-effort" } },
  ]);
});

test.for<[name: string, conf: object, want: string[] | undefined]>([
  ["none is set", {}, undefined],
  ["one is set", { default: "blue\n" }, ["blue"]],
])("resolveNetworks() takes the default network of pods that name none when %s", ([, files, want]) => {
  using config = configDirectory();
  if ("default" in files) config.put("default-network", String(files.default));
  expect(namesOf(config, {})).toEqual(want);
});

const TIER_ALONE: [name: string, conf: object, args: string, path: string][] = [
  ["CNI_ARGS", {}, "PODWIRE_PERF_TIER=high", "CNI_ARGS PODWIRE_PERF_TIER"],
  ["args.cni", { args: { cni: { perfTier: "high" } } }, "", "args.cni.perfTier"],
  ["the configuration", { perfTier: "high" }, "", "perfTier"],
];

test.for(TIER_ALONE)(
  "resolveNetworks() gives the default network with that tier when %s names a tier alone",
  ([, conf, args]) => {
    using config = configDirectory();
    config.put("default-network", "web\n");
    expect(choose(config, conf, args)).toMatchObject([{ network: { name: "web" }, tier: { name: "high" } }]);
  },
);

test.for(TIER_ALONE)(
  "resolveNetworks() gives code 7 naming it when %s names a tier alone and there is no default network",
  ([, conf, args, path]) => {
    using config = configDirectory();
    const { code, message } = errorOf(config, conf, args);
    expect(code).toBe(7);
    expect(message).toContain(`${path}: performance tier "high" is asked for, and no network`);
  },
);

test("resolveNetworks() says where the tier stands when one that nobody knows is named alone", () => {
  using config = configDirectory();
  config.put("default-network", "web\n");
  const { code, message } = errorOf(config, {}, "PODWIRE_PERF_TIER=gold");
  expect([code, message]).toEqual([7, 'CNI_ARGS PODWIRE_PERF_TIER: no performance tier has the name "gold"']);
});

test("resolveNetworks() gives the own bridge when the pod wants none and there is a default", () => {
  using config = configDirectory();
  config.put("default-network", "web\n");
  expect(namesOf(config, annotated({ "diamanti.com/endpoint": "none" }))).toBeUndefined();
});

test("resolveNetworks() gives the own bridge when the directory does not exist", () => {
  expect(resolveNetworks(requestOf({ configDir: "/nonexistent" }))).toBeUndefined();
});

test.for<[name: string, wish: object, want: object]>([
  ["nothing is said", {}, { name: "best-effort", minBandwidthMbps: 0 }],
  ["a tier that is built in is named", { perfTier: "high" }, { minBandwidthMbps: 500, minIops: 20000 }],
  ["another such tier is named", { perfTier: "medium" }, { minBandwidthMbps: 125, minIops: 5000 }],
  ["a tier with a file is named", { perfTier: "gold" }, { minBandwidthMbps: 250, maxBandwidthMbps: 300 }],
])("resolveNetworks() gives the tier when %s", ([, wish, want]) => {
  using config = configDirectory();
  config.put("perf-tiers/gold.json", { minIops: 1, minBandwidthMbps: 250, maxBandwidthMbps: 300 });
  const [chosen] = choose(config, endpoints({ network: "web", ...wish })) ?? [];
  expect(chosen?.tier).toMatchObject(want);
});

test("resolveNetworks() keeps each interface's own metric when they have any", () => {
  using config = configDirectory();
  const conf = endpoints(
    { network: "web", metric: 7 },
    { network: "blue" },
    { endpointId: "ep1", metric: 0 },
  );
  config.put("endpoints/default.ep1.json", { network: "web", addresses: ["10.10.120.91"] });
  expect(choose(config, conf)?.map(({ metric }) => metric)).toEqual([7, undefined, 0]);
});

const unknown: readonly [name: string, conf: object, named: string, listed: string][] = [
  ["network", endpoints({ network: "wep" }), '"wep"', "there are blue, grouped, web;"],
  [
    "second network",
    endpoints({ network: "web" }, { network: "x" }),
    "endpoint1",
    "there are blue, grouped, web;",
  ],
  ["group", endpoints({ networkGroup: "group9" }), '"group9"', "there are group1;"],
  ["tier", endpoints({ network: "web", perfTier: "higher" }), '"higher"', "best-effort, medium, high, gold;"],
  ["endpoint", endpoints({ endpointId: "ep9" }), '"ep9"', "there are ep1;"],
  ["network of the configuration", { network: "wep" }, 'network: no network has the name "wep"', "web;"],
];

test.for(unknown)(
  "resolveNetworks() lists what there is when the %s is unknown",
  ([, conf, named, listed]) => {
    using config = configDirectory();
    config.put("networks/grouped.json", addressed(6, 5, { group: "group1" }));
    config.put("perf-tiers/gold.json", { minIops: 1, minBandwidthMbps: 250 });
    config.put("endpoints/default.ep1.json", { network: "web", addresses: ["10.10.120.91"] });
    config.put("endpoints/other.ep2.json", { network: "web", addresses: ["10.10.120.92"] });
    const { code, message, details } = errorOf(config, conf);
    expect(code).toBe(7);
    expect(message).toContain(named);
    expect(details).toContain(listed);
  },
);

test.for([{ network: "web" }, { networkGroup: "group1" }, { endpointId: "ep1" }])(
  "resolveNetworks() says that there is none when asked for %j and no file exists",
  (wish) => {
    using config = new ConfigDirectory();
    expect(errorOf(config, endpoints(wish))).toMatchObject({
      code: 7,
      details: expect.stringContaining("there is none"),
    });
  },
);

test("resolveNetworks() gives code 7 when the default network has no file", () => {
  using config = configDirectory();
  config.put("default-network", "gone\n");
  const { code, message } = errorOf(config, {});
  expect(code).toBe(7);
  expect(message).toContain(`${config.dir}/default-network`);
  expect(message).toContain('"gone"');
});

/** `a` has 5 addresses, `b` 20, `c` 10; `b` is in zone2, `c` in zone1, `a` in none. */
function groupDirectory(): ConfigDirectory {
  const config = configDirectory();
  config.put("networks/a.json", addressed(1, 5, { group: "group1" }));
  config.put("networks/b.json", addressed(2, 20, { group: "group1", zone: "zone2" }));
  config.put("networks/c.json", addressed(3, 10, { group: "group1", zone: "zone1" }));
  config.put("networks/d.json", addressed(4, 100, { group: "group2", zone: "zone1" }));
  return config;
}

test.for<[name: string, conf: object, want: string]>([
  ["the node has no zone", {}, "b"],
  ["the node's zone is an empty text", { zone: "" }, "b"],
  ["the node is in zone1", { zone: "zone1" }, "c"],
  ["the node is in zone2", { zone: "zone2" }, "b"],
  ["only a network without a zone is there", { zone: "zone9" }, "a"],
])("resolveNetworks() takes the group's member with most addresses when %s", ([, conf, want]) => {
  using config = groupDirectory();
  expect(namesOf(config, { ...endpoints({ networkGroup: "group1" }), ...conf })).toEqual([want]);
});

test("resolveNetworks() counts the addresses that endpoints keep when it looks for most", () => {
  using config = groupDirectory();
  for (let last = 11; last <= 21; last++) {
    config.put(`endpoints/default.e${last}.json`, { network: "b", addresses: [`10.1.2.${last}`] });
  }
  expect(namesOf(config, endpoints({ networkGroup: "group1" }))).toEqual(["c"]);
});

test("resolveNetworks() counts the family that has fewest when a member has both", () => {
  using config = groupDirectory();
  const short = { ...WEB_RANGE_6, end: "fd00:120::13" };
  const { ranges } = addressed(2, 20);
  config.put("networks/b.json", addressed(2, 20, { group: "group1", ranges: [...ranges, short] }));
  expect(namesOf(config, endpoints({ networkGroup: "group1" }))).toEqual(["c"]);
});

test("resolveNetworks() gives code 7 when no member of the group is in the node's zone", () => {
  using config = groupDirectory();
  const { code, message } = errorOf(config, { ...endpoints({ networkGroup: "group2" }), zone: "zone2" });
  expect(code).toBe(7);
  for (const named of ['"group2"', '"zone2"', "d"]) expect(message).toContain(named);
});

test("resolveNetworks() gives code 11 with the members when no address of the group is left", () => {
  using config = configDirectory();
  config.put("networks/a.json", addressed(1, 1, { group: "group1" }));
  config.put("endpoints/default.e1.json", { network: "a", addresses: ["10.1.1.11"] });
  const { code, message } = errorOf(config, endpoints({ networkGroup: "group1" }));
  expect(code).toBe(11);
  expect(message).toContain('"group1": a');
});

/** Endpoints `db-0`, `db-2`, `db-10` in that order, one of another prefix, and a `db-1` of another namespace. */
function endpointDirectory(): ConfigDirectory {
  const config = configDirectory();
  for (const [name, last] of [
    ["default.db-0", 11],
    ["default.db-2", 12],
    ["default.db-10", 13],
    ["default.cache-0", 14],
    ["prod.db-1", 15],
  ] as const) {
    config.put(`endpoints/${name}.json`, { network: "web", addresses: [`10.10.120.${last}`] });
  }
  return config;
}

function endpointOf(config: ConfigDirectory, wish: object, args: string) {
  const [chosen] = choose(config, endpoints(wish), args) ?? [];
  return `${chosen?.network.name} ${chosen?.endpoint?.namespace}/${chosen?.endpoint?.name}`;
}

test.for<[args: string, id: string, want: string]>([
  ["", "db-0", "web default/db-0"],
  ["K8S_POD_NAMESPACE=", "db-0", "web default/db-0"],
  ["K8S_POD_NAMESPACE=default", "db-2", "web default/db-2"],
  ["IgnoreUnknown=1;K8S_POD_NAMESPACE=prod;K8S_POD_NAME=x", "db-1", "web prod/db-1"],
])("resolveNetworks() looks for endpoints of the pod's namespace when CNI_ARGS is %j", ([args, id, want]) => {
  using config = endpointDirectory();
  expect(endpointOf(config, { endpointId: id }, args)).toBe(want);
});

test("resolveNetworks() names the namespace when the endpoint is another namespace's", () => {
  using config = endpointDirectory();
  const { code, message, details } = errorOf(
    config,
    endpoints({ endpointId: "db-0" }),
    "K8S_POD_NAMESPACE=prod",
  );
  expect(code).toBe(7);
  expect(message).toContain('"prod"');
  expect(details).toContain("there are db-1");
});

test.for<[pod: string, want: string]>([
  ["db-0", "db-0"],
  ["db-1", "db-2"],
  ["db-2", "db-10"],
  ["a-longer-name-0", "db-0"],
])("resolveNetworks() takes the endpoint at the replica's place when the pod is %s", ([pod, want]) => {
  using config = endpointDirectory();
  const args = `K8S_POD_NAMESPACE=default;K8S_POD_NAME=${pod}`;
  expect(endpointOf(config, { endpointPrefix: "db" }, args)).toBe(`web default/${want}`);
});

test.for<[name: string, args: string, named: string]>([
  ["the pod is no replica", "K8S_POD_NAME=web-5d4f8", '"web-5d4f8"'],
  ["the pod has no name", "", "ordinal"],
  ["there are fewer endpoints", "K8S_POD_NAME=db-3", "replica 3"],
  ["no endpoint has the prefix", "K8S_POD_NAME=db-0;K8S_POD_NAMESPACE=empty", '"empty"'],
])("resolveNetworks() gives code 7 to an endpointPrefix when %s", ([, args, named]) => {
  using config = endpointDirectory();
  const { code, message } = errorOf(config, endpoints({ endpointPrefix: "db" }), args);
  expect(code).toBe(7);
  expect(message).toContain(named);
});

test("resolveNetworks() gives code 7 when the endpoint's network has no file", () => {
  using config = configDirectory();
  config.put("endpoints/default.ep1.json", { network: "gone", addresses: ["10.10.120.91"] });
  const { code, message } = errorOf(config, endpoints({ endpointId: "ep1" }));
  expect(code).toBe(7);
  expect(message).toContain('"gone"');
});

test.for<[name: string, path: string, content: object | string, wish: object, field: string]>([
  ["a network's", "networks/web.json", { ...WEB, vlan: 4095 }, { network: "web" }, "vlan"],
  ["a network's that is cut off", "networks/web.json", '{"ranges"', { network: "web" }, ""],
  [
    "a tier's",
    "perf-tiers/gold.json",
    { minIops: 1 },
    { network: "web", perfTier: "gold" },
    "minBandwidthMbps",
  ],
  [
    "an endpoint's",
    "endpoints/default.ep1.json",
    { network: "web", addresses: [] },
    { endpointId: "ep1" },
    "addresses",
  ],
])("resolveNetworks() names file and field when the fault is in %s", ([, path, content, wish, field]) => {
  using config = configDirectory();
  config.put(path, content);
  const attempt = () => choose(config, endpoints(wish));
  expect(attempt).toThrow(InvalidFile);
  expect(attempt).toThrow(field === "" ? `${config.dir}/${path}: ` : `${config.dir}/${path}: ${field}: `);
});

test.for<[name: string, path: string, wish: object]>([
  ["a group has no other member", "networks/broken.json", { networkGroup: "group9" }],
  ["it would be one of the prefix", "endpoints/default.db-1.json", { endpointPrefix: "db" }],
])("resolveNetworks() names the broken file when %s", ([, path, wish]) => {
  using config = endpointDirectory();
  config.put(path, "{");
  const attempt = () => choose(config, endpoints(wish), "K8S_POD_NAME=db-0");
  expect(attempt).toThrow(InvalidFile);
  expect(attempt).toThrow(`${config.dir}/${path}: `);
});

test("resolveNetworks() passes over broken endpoints when they are not of the prefix and namespace", () => {
  using config = endpointDirectory();
  for (const name of ["default.cache-1", "prod.db-0"]) config.put(`endpoints/${name}.json`, "{");
  expect(endpointOf(config, { endpointPrefix: "db" }, "K8S_POD_NAME=db-1")).toBe("web default/db-2");
});

test("resolveNetworks() names the file when the default network's name is none", () => {
  using config = configDirectory();
  config.put("default-network", "Not A Name\n");
  expect(() => choose(config, {})).toThrow(`${config.dir}/default-network: `);
});

test("resolveNetworks() does not look at other files when the named ones are right", () => {
  using config = configDirectory();
  config.put("networks/broken.json", "{");
  config.put("endpoints/default.broken.json", "{");
  expect(namesOf(config, endpoints({ network: "web", perfTier: "high" }))).toEqual(["web"]);
});
