/** Which networks a pod asks for: annotations, CNI_ARGS, the user's arguments, the configuration. */

import { expect, test } from "vitest";
import { OWN_BRIDGE } from "../../../../src/cni/netconf/selection.ts";
import { annotated, endpoints } from "../../../support/fixtures/annotations.ts";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";

function wishesOf(conf: object, args = "") {
  return requestOf(conf, { CNI_ARGS: args }).netconf.selections;
}

/** The wishes without the places that they stand at. */
function shortWishesOf(conf: object, args = "") {
  const wishes = wishesOf(conf, args);
  return Array.isArray(wishes) ? wishes.map(({ path: _, ...wish }) => wish) : wishes;
}

function wish(kind: string, name: string, more: { perfTier?: string; metric?: number } = {}) {
  return { target: { kind, name }, perfTier: more.perfTier, metric: more.metric };
}

test.for<[name: string, value: object, want: object]>([
  ["a network", { network: "web" }, wish("network", "web")],
  ["a tier too", { network: "web", perfTier: "high" }, wish("network", "web", { perfTier: "high" })],
  ["an empty tier", { network: "web", perfTier: "" }, wish("network", "web")],
  ["a metric too", { network: "web", metric: 100 }, wish("network", "web", { metric: 100 })],
  [
    "the largest metric",
    { network: "web", metric: 4294967295 },
    wish("network", "web", { metric: 4294967295 }),
  ],
  ["a metric of 0", { network: "web", metric: 0 }, wish("network", "web", { metric: 0 })],
  ["a group", { networkGroup: "group1" }, wish("networkGroup", "group1")],
  ["a persistent endpoint", { endpointId: "ep1" }, wish("endpointId", "ep1")],
  ["a prefix of endpoints", { endpointPrefix: "test" }, wish("endpointPrefix", "test")],
  [
    "targets that are empty",
    { network: "", endpointId: "ep1", networkGroup: null },
    wish("endpointId", "ep1"),
  ],
  [
    "keys in another case",
    { Network: "web", PERFTIER: "high" },
    wish("network", "web", { perfTier: "high" }),
  ],
])("decodeSelections() reads the annotation when it has %s", ([, value, want]) => {
  expect(shortWishesOf(endpoints(value))).toEqual([want]);
});

test("decodeSelections() keeps the order of the numbers when there are more than ten endpoints", () => {
  const names = Array.from({ length: 12 }, (_, index) => `net${index}`);
  const annotations = names.map((network, index) => [`diamanti.com/endpoint${index}`, { network }] as const);
  const conf = annotated(Object.fromEntries(annotations.toReversed()));
  expect(shortWishesOf(conf)).toEqual(names.map((name) => wish("network", name)));
});

test("decodeSelections() says where each wish stands when it comes from an annotation", () => {
  const wishes = wishesOf(endpoints({ network: "web" }, { network: "blue" }));
  expect(wishes).toMatchObject(
    [0, 1].map((index) => ({ path: expect.stringMatching(`diamanti.com/endpoint${index}$`) })),
  );
});

test.for<[name: string, conf: object]>([
  ["no runtimeConfig", {}],
  ["no annotations", { runtimeConfig: { mac: "02:00:00:00:00:01" } }],
  ["annotations that are null", { runtimeConfig: { "io.kubernetes.cri.pod-annotations": null } }],
  ["no annotation at all", annotated({})],
  [
    "other annotations only",
    annotated({ "kubernetes.io/ingress-bandwidth": "1M", "diamanti.com/volume0": "{}" }),
  ],
  ["empty fields", { network: "", args: { cni: { network: "" } } }],
])("decodeSelections() gives undefined when there is %s", ([, conf]) => {
  expect(wishesOf(conf, "K8S_POD_NAME=a;PODWIRE_NETWORK=")).toBeUndefined();
});

test.for(["none", " none "])(
  "decodeSelections() wants the own bridge when the annotation says %j",
  (text) => {
    expect(wishesOf(annotated({ "diamanti.com/endpoint": text }))).toBe(OWN_BRIDGE);
  },
);

const brokenAnnotations: readonly [name: string, conf: object, named: string][] = [
  ["is no JSON", endpoints("{network: web}"), "diamanti.com/endpoint0"],
  ["is empty", endpoints(""), "diamanti.com/endpoint0"],
  ["is JSON of another kind", endpoints('"web"'), "diamanti.com/endpoint0"],
  ["is a list", endpoints(["web"]), "diamanti.com/endpoint0"],
  ["is the word none", endpoints("none"), "diamanti.com/endpoint0"],
  ["names nothing", endpoints({ perfTier: "high" }), "diamanti.com/endpoint0"],
  ["has a key that nobody knows", endpoints({ network: "web", vlan: 7 }), "vlan"],
  ["has a misspelt key", endpoints({ network: "web", perfTeir: "high" }), "perfTeir"],
  ["names network and group", endpoints({ network: "web", networkGroup: "g" }), "network and networkGroup"],
  ["names network and endpoint", endpoints({ network: "web", endpointId: "ep1" }), "network and endpointId"],
  [
    "names endpoint and prefix",
    endpoints({ endpointId: "a", endpointPrefix: "b" }),
    "endpointId and endpointPrefix",
  ],
  ["has a name that is a number", endpoints({ network: 7 }), "network"],
  ["has a tier that is a number", endpoints({ network: "web", perfTier: 1 }), "perfTier"],
  ["has a metric that is text", endpoints({ network: "web", metric: "100" }), "metric"],
  ["has a metric below 0", endpoints({ network: "web", metric: -1 }), "metric"],
  ["has a metric above 32 bits", endpoints({ network: "web", metric: 4294967296 }), "metric"],
  ["has a metric with a fraction", endpoints({ network: "web", metric: 1.5 }), "metric"],
  ["is wrong in the second endpoint", endpoints({ network: "web" }, "{"), "diamanti.com/endpoint1"],
];

test.for(brokenAnnotations)("decodeSelections() gives code 7 when the annotation %s", ([, conf, named]) => {
  const { code, message } = cniErrorOf(() => wishesOf(conf));
  expect(code).toBe(7);
  expect(message).toContain(named);
});

test.for([
  { keys: ["diamanti.com/endpoint1"], missing: "diamanti.com/endpoint0" },
  { keys: ["diamanti.com/endpoint0", "diamanti.com/endpoint2"], missing: "diamanti.com/endpoint1" },
  { keys: ["diamanti.com/endpoint0", "diamanti.com/endpointx"], missing: "diamanti.com/endpoint1" },
  { keys: ["diamanti.com/endpoint00"], missing: "diamanti.com/endpoint0" },
])("decodeSelections() names the gap when there are only $keys", ({ keys, missing }) => {
  const conf = annotated(Object.fromEntries(keys.map((key) => [key, { network: "web" }])));
  const { code, message } = cniErrorOf(() => wishesOf(conf));
  expect(code).toBe(7);
  expect(message).toMatch(new RegExp(`${missing} is missing beside ${keys.join(", ")}$`));
});

test.for<[name: string, annotations: object, named: string]>([
  ["is no none", { "diamanti.com/endpoint": "web" }, "diamanti.com/endpoint"],
  [
    "is none, and there is an endpoint",
    { "diamanti.com/endpoint": "none", "diamanti.com/endpoint0": { network: "web" } },
    "diamanti.com/endpoint0",
  ],
] as const)("decodeSelections() gives code 7 when diamanti.com/endpoint %s", ([, annotations, named]) => {
  const { code, message } = cniErrorOf(() => wishesOf(annotated({ ...annotations })));
  expect(code).toBe(7);
  expect(message).toContain(named);
});

test("decodeSelections() gives code 7 when the annotations are no object", () => {
  const conf = { runtimeConfig: { "io.kubernetes.cri.pod-annotations": ["diamanti.com/endpoint0"] } };
  expect(cniErrorOf(() => wishesOf(conf)).code).toBe(7);
});

test.for<[name: string, conf: object, args: string, path: string]>([
  ["CNI_ARGS", {}, "PODWIRE_NETWORK=web;PODWIRE_PERF_TIER=high", "CNI_ARGS PODWIRE_NETWORK"],
  ["args.cni", { args: { cni: { network: "web", perfTier: "high" } } }, "", "args.cni.network"],
  ["the configuration", { network: "web", perfTier: "high" }, "", "network"],
])("decodeSelections() wants one network when it is named by %s", ([, conf, args, path]) => {
  expect(wishesOf(conf, args)).toEqual([{ path, ...wish("network", "web", { perfTier: "high" }) }]);
});

const ARGUMENTS = "PODWIRE_NETWORK=by-arguments";
const USER = { args: { cni: { network: "by-user" } } };
const CONFIGURATION = { network: "by-configuration" };

test.for<[first: string, conf: object, args: string]>([
  ["by-annotation", { ...endpoints({ network: "by-annotation" }), ...USER, ...CONFIGURATION }, ARGUMENTS],
  ["by-arguments", { ...USER, ...CONFIGURATION }, ARGUMENTS],
  ["by-user", { ...USER, ...CONFIGURATION }, ""],
  ["by-configuration", CONFIGURATION, ""],
])("decodeSelections() wants the network %s when the later ways name others", ([first, conf, args]) => {
  expect(shortWishesOf(conf, args)).toEqual([wish("network", first)]);
});

test.for<[name: string, conf: object, args: string]>([
  ["the annotation, and CNI_ARGS name one", annotated({ "diamanti.com/endpoint": "none" }), ARGUMENTS],
  ["CNI_ARGS, and the configuration names one", CONFIGURATION, "PODWIRE_NETWORK=none"],
  ["args.cni, and the configuration names one", { args: { cni: { network: "none" } }, ...CONFIGURATION }, ""],
  ["the configuration", { network: "none" }, ""],
])("decodeSelections() wants the own bridge when none is said by %s", ([, conf, args]) => {
  expect(wishesOf(conf, args)).toBe(OWN_BRIDGE);
});

test("decodeSelections() takes the tier of the user when the configuration names the network", () => {
  expect(shortWishesOf(CONFIGURATION, "PODWIRE_PERF_TIER=high")).toEqual([
    wish("network", "by-configuration", { perfTier: "high" }),
  ]);
});

test.for([{ network: 7 }, { args: { cni: { network: {} } } }, { network: "web", perfTier: 1 }])(
  "decodeSelections() gives code 7 when the configuration is %j",
  (conf) => {
    expect(cniErrorOf(() => wishesOf(conf)).code).toBe(7);
  },
);

function many(count: number): object {
  return endpoints(...Array.from({ length: count }, () => ({ network: "web" })));
}

test.for([
  ["as many as there may be", many(16), 16],
  ["as many as the configuration allows", { ...many(20), maxEndpoints: 20 }, 20],
] as const)("a pod is on %s", ([, conf, count]) => {
  expect(wishesOf(conf)).toHaveLength(count);
});

test.for([
  ["more than there may be", many(17)],
  ["more than the configuration allows", { ...many(3), maxEndpoints: 2 }],
] as const)("a pod is refused with code 7 when it asks for %s", ([, conf]) => {
  expect(cniErrorOf(() => wishesOf(conf))).toMatchObject({
    code: 7,
    details: expect.stringContaining("maxEndpoints"),
  });
});
