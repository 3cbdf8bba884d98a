/** Plans of pods on networks by name: every interface decided before anything is done, or refused. */

import { expect, test } from "vitest";
import { formatAddress } from "../../../../src/addr/address.ts";
import { formatPrefix } from "../../../../src/addr/prefix.ts";
import { isReservedBy } from "../../../../src/attachment/plan/named-pool.ts";
import type { AttachmentPlan } from "../../../../src/attachment/plan/plan.ts";
import { planNamed } from "../../../../src/attachment/plan/plan-named.ts";
import type { Endpoint, Network, PerfTier } from "../../../../src/network/model.ts";
import { ConfigDirectory } from "../../../support/fixtures/config-directory.ts";
import { network, SRIOV, WEB_RANGE, WEB_RANGE_6 } from "../../../support/fixtures/networks.ts";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";
import { address } from "../../../support/fixtures/values.ts";

const TIER: PerfTier = { name: "best-effort", minIops: 0, minBandwidthMbps: 0 };
const MACVLAN = { attach: { kind: "macvlan", uplink: "eth1" } };
const { gateway: _, ...PRIVATE } = WEB_RANGE;

const web = network("web");
const macvlan = network("mac", MACVLAN);
const inside = network("inside", { ranges: [PRIVATE] });
const dual = network("dual", { ranges: [WEB_RANGE, WEB_RANGE_6] });

interface Choice {
  readonly network: Network;
  readonly endpoint?: Endpoint;
  readonly metric?: number;
}

function plan(choices: readonly Choice[], conf: object = {}, variables = {}): AttachmentPlan[] {
  const request = requestOf({ configDir: "/nonexistent", ...conf }, variables);
  return planNamed(
    request,
    choices.map((choice) => ({ tier: TIER, ...choice })),
  );
}

function codeOf(choices: readonly Choice[], conf: object, variables = {}) {
  return cniErrorOf(() => plan(choices, conf, variables));
}

const of = (...networks: readonly Network[]) => networks.map((one) => ({ network: one }));

/** `0.0.0.0/0 via 10.10.120.1 metric 100` for each route of the interface at `index`. */
function routesOf([...plans]: readonly AttachmentPlan[], index = 0): string[] {
  const addressing = plans[index]?.addressing;
  return (addressing?.kind === "host-local" ? addressing.routes : []).map(
    ({ dst, gw, priority }) => `${formatPrefix(dst)} via ${gw && formatAddress(gw)} metric ${priority}`,
  );
}

function requestedOf(plans: readonly AttachmentPlan[]): string[][] {
  return plans.map(({ addressing }) =>
    addressing.kind === "host-local" ? addressing.requested.map(formatAddress) : [],
  );
}

test("planNamed() names the interfaces in the order of the endpoints when there are three", () => {
  const plans = plan(of(web, macvlan, inside));
  expect(plans.map(({ attachment }) => attachment)).toEqual(
    ["eth0", "eth1", "eth2"].map((ifname) => ({ network: "mynet", containerId: "c1", ifname })),
  );
});

test("planNamed() gives the first the runtime's name when that is another", () => {
  const plans = plan(of(web, macvlan), {}, { CNI_IFNAME: "net1" });
  expect(plans.map(({ attachment }) => attachment.ifname)).toEqual(["net1", "eth1"]);
});

test("planNamed() gives code 7 when the runtime's name would come twice", () => {
  const { code, message } = codeOf(of(web, macvlan), {}, { CNI_IFNAME: "eth1" });
  expect(code).toBe(7);
  expect(message).toContain('"eth1"');
});

test("planNamed() gives every interface its own names and MAC address when networks are the same", () => {
  const plans = plan(of(web, web));
  const seen = plans.flatMap(({ link }) =>
    link.kind === "bridge" ? [link.hostIfname, link.hostMac, link.containerMac] : [],
  );
  expect(new Set(seen).size).toBe(6);
});

test("planNamed() leads pods to the bridge of the uplink when the network attaches by bridge", () => {
  expect(plan(of(web))[0]?.link).toMatchObject({
    kind: "bridge",
    bridge: "pw-eth1",
    uplink: { uplink: "eth1", vlan: 120 },
  });
});

test("planNamed() puts pods beside the uplink when the network attaches by macvlan", () => {
  expect(plan(of(macvlan))[0]?.link).toMatchObject({
    kind: "macvlan",
    uplink: { uplink: "eth1", vlan: 120 },
  });
});

test("planNamed() takes nothing of the configuration's own bridge when the pod is on a network by name", () => {
  const own = {
    bridge: "cni0",
    isGateway: true,
    isDefaultGateway: true,
    ipMasq: true,
    hairpinMode: true,
    promiscMode: true,
    portIsolation: true,
    forceAddress: true,
    mtu: 1280,
    ipam: { type: "static" },
  };
  expect(plan(of(web), own)).toEqual(plan(of(web)));
});

test("planNamed() guards against router advertisements on the bridge of an uplink when asked to", () => {
  const wished = plan(of(web), { raGuard: true })[0];
  expect([wished?.link, wished?.traffic]).toMatchObject([{ raGuard: "required" }, { raGuard: "required" }]);
});

test("planNamed() reserves in the network's own directory when it plans addresses", () => {
  expect(plan(of(web))[0]?.addressing).toMatchObject({
    kind: "host-local",
    dataDir: "/var/lib/cni/podwire",
    network: "web",
    keepAcrossReboots: false,
  });
});

test("planNamed() gives one address of each family when the network has both", () => {
  const [first] = plan(of(dual));
  const sets = first?.addressing.kind === "host-local" ? first.addressing.sets : [];
  expect(sets.map((set) => set.map(({ start }) => formatAddress(start)))).toEqual([
    ["10.10.120.11"],
    ["fd00:120::11"],
  ]);
});

test("planNamed() plans a default route for each family when the network has gateways", () => {
  expect(routesOf(plan(of(dual)))).toEqual([
    "0.0.0.0/0 via 10.10.120.1 metric undefined",
    "::/0 via fd00:120::1 metric undefined",
  ]);
});

test("planNamed() plans no default route when the network is private", () => {
  expect(routesOf(plan(of(inside)))).toEqual([]);
});

test("planNamed() prefers the first interface when several have a gateway", () => {
  const plans = plan(of(web, dual, macvlan));
  const metrics = [0, 1, 2].map((index) => Number(routesOf(plans, index)[0]?.split("metric ")[1]));
  const [first = 0, second = 0, third = 0] = metrics.map((metric) => (Number.isNaN(metric) ? 0 : metric));
  expect(first).toBe(0);
  expect(second).toBeGreaterThan(first);
  expect(third).toBeGreaterThan(second);
});

test("planNamed() takes the metrics of the annotations when there are any", () => {
  const plans = plan([
    { network: web, metric: 300 },
    { network: dual, metric: 0 },
  ]);
  expect(routesOf(plans, 0)).toEqual(["0.0.0.0/0 via 10.10.120.1 metric 300"]);
  expect(routesOf(plans, 1)).toEqual(["0.0.0.0/0 via 10.10.120.1 metric 0", "::/0 via fd00:120::1 metric 0"]);
});

test("planNamed() gives what is asked for by name to the first interface when there are two", () => {
  const conf = { runtimeConfig: { mac: "02:00:00:00:00:AA", ips: ["10.10.120.50/24"] } };
  const plans = plan(of(macvlan, macvlan), conf);
  const macs = plans.map(({ link }) => (link.kind === "macvlan" ? link.containerMac : ""));
  expect(macs[0]).toBe("02:00:00:00:00:aa");
  expect(macs[1]).not.toBe("02:00:00:00:00:aa");
  expect(requestedOf(plans)).toEqual([["10.10.120.50"], []]);
});

test("planNamed() asks for the endpoint's addresses when one is named", () => {
  const endpoint = { name: "ep1", namespace: "a", network: "web", addresses: [address("10.10.120.91")] };
  expect(requestedOf(plan([{ network: macvlan }, { network: web, endpoint }]))).toEqual([
    [],
    ["10.10.120.91"],
  ]);
});

test("isReservedBy() keeps the addresses of endpoints back when the pod names none", () => {
  using config = new ConfigDirectory();
  config.put("endpoints/default.ep1.json", { network: "web", addresses: ["10.10.120.91"] });
  config.put("endpoints/default.ep2.json", { network: "blue", addresses: ["10.1.0.5"] });
  const [first] = plan(of(web), { configDir: config.dir });
  if (first?.addressing.kind !== "host-local") throw new Error("no pool");
  const isKept = isReservedBy(first.addressing);
  expect(["10.10.120.91", "10.1.0.5", "10.10.120.92"].map((text) => isKept(address(text)))).toEqual([
    true,
    false,
    false,
  ]);
});

test.for([
  [{}, 0],
  [{ mtu: 9000 }, 9000],
] as const)("planNamed() takes the network's MTU when the network says %j", ([more, mtu]) => {
  expect(plan(of(network("web", more)), { mtu: 1280 })[0]?.config.mtu).toBe(mtu);
});

test.for<[name: string, on: Network, isChecked: boolean]>([
  ["bridge", web, true],
  ["macvlan", macvlan, false],
])("planNamed() checks senders as far as it can when macspoofchk is on and the pod is on a %s", (row) => {
  const [, on, isChecked] = row;
  expect(plan(of(on), { macspoofchk: true })[0]?.traffic !== undefined).toBe(isChecked);
});

test("planNamed() sets kernel parameters of each interface when sysctl names IFNAME", () => {
  const plans = plan(of(web, macvlan), { sysctl: { "net.ipv4.conf.IFNAME.forwarding": "1" } });
  expect(plans.map(({ settings }) => settings.sysctls.map(({ key }) => key))).toEqual([
    ["net/ipv4/conf/eth0/forwarding"],
    ["net/ipv4/conf/eth1/forwarding"],
  ]);
});

const LIMIT = { runtimeConfig: { bandwidth: { ingressRate: 1_000_000 } } };

test("planNamed() shapes the pod when it has a bandwidth and is on a bridge", () => {
  expect(plan(of(web), LIMIT)[0]?.shaping).toEqual({ ingress: { rate: 1_000_000 } });
});

const sriov = network("fast", { attach: SRIOV });
const refusals: readonly [name: string, on: readonly Network[], conf: object, named: readonly string[]][] = [
  ["host ports are asked for", [web], { runtimeConfig: { portMappings: [{}] } }, ["portMappings", '"web"']],
  ["a bandwidth is asked of macvlan", [macvlan], LIMIT, ["bandwidth", '"mac"', "macvlan"]],
  ["a bandwidth is asked of the second", [web, macvlan], LIMIT, ["bandwidth", '"mac"']],
  ["a bandwidth is asked of SR-IOV", [sriov], LIMIT, ["bandwidth", '"fast"', "sriov"]],
  ["rates of the configuration cannot be kept", [macvlan], { egressRate: 1000 }, ['"mac"']],
  ["a device is given to a bridge", [web], { deviceID: "0000:3b:02.1" }, ["0000:3b:02.1", '"web"']],
  ["a device is given by the runtime", [macvlan], { runtimeConfig: { deviceID: "0000:3b:02.1" } }, ['"mac"']],
  ["the MAC address is none", [web], { mac: "x" }, ["mac"]],
];

test.for(refusals)("planNamed() gives code 7 when %s", ([, on, conf, named]) => {
  const { code, message } = codeOf(of(...on), conf);
  expect(code).toBe(7);
  for (const text of named) expect(message).toContain(text);
});

test("planNamed() gives code 4 when CNI_ARGS has a key that nobody knows", () => {
  expect(codeOf(of(web), {}, { CNI_ARGS: "FOO=bar" }).code).toBe(4);
});

test.for([["0.1.0"], ["0.2.0"]])(
  "planNamed() gives code 7 when version %s cannot express a second interface's addresses",
  ([cniVersion]) => {
    const { code, message } = codeOf(of(web, macvlan), { cniVersion });
    expect(code).toBe(7);
    expect(message).toContain(`"${cniVersion}"`);
  },
);

test.for<[networks: readonly Network[]]>([[[dual]], [[web]]])(
  "planNamed() plans one interface when the version is 0.2.0",
  ([networks]) => {
    expect(plan(of(...networks), { cniVersion: "0.2.0" })).toHaveLength(1);
  },
);
