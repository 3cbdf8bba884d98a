/** The end of attachments in mode ptp: DEL and GC in every state, ADDs that fail, and ADDs that are killed. */

import { expect, test } from "vitest";
import { forEachCall, traced } from "../../support/fault/strace.ts";
import { allRemains, forgetTraffic } from "../../support/fault/traffic-crash.ts";
import { dropForwarded } from "../../support/kernel/forward-chains.ts";
import { remains, snapshot } from "../../support/kernel/kernel.ts";
import { ifbsOf } from "../../support/kernel/queues.ts";
import { sharedElementsOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod, NETCONF } from "../../support/pod/attachment.ts";
import { PTP } from "../../support/pod/ptp.ts";
import { mapped, POD_ENDS, WEB } from "../../support/traffic/traffic-networks.ts";

/** All that an attachment can have. */
const FULL = {
  ...NETCONF,
  ...mapped([WEB, { ...WEB, hostPort: 81, hostIP: "192.0.2.1" }], PTP),
  ipMasq: true,
  ingressPolicy: "isolated",
  ingressRate: 8_000_000,
  ingressBurst: 80_000,
  egressRate: 8_000_000,
  egressBurst: 80_000,
  forward: true,
};
/** As runtimes ask on DEL: without what they know of the ports. */
const BARE = { ...FULL, runtimeConfig: undefined };

/** Everything that tells of an attachment: links, files, elements, routes, others' rules about its interface. */
function leftOf(node: Node): string[] {
  const rules = node.sh(
    "nft list ruleset | grep 'veth' || true; ip route show; ls /run/podwire/.forward 2>/dev/null || true",
  );
  const lines = rules.split("\n").filter((line) => line !== "" && line !== "lock");
  return [...allRemains(node), ...ifbsOf(node), ...sharedElementsOf(node).map(({ key }) => key), ...lines];
}

const gc = (node: Node) => call(node, "GC", { conf: { ...BARE, "cni.dev/valid-attachments": [] } });
const del = (node: Node) => call(node, "DEL", { conf: BARE });

const ends = [
  { name: "DEL", setup: "true", run: del },
  { name: "DEL when the namespace is gone", setup: POD_ENDS, run: del },
  { name: "DEL without a record", setup: "rm -r /run/podwire/mynet", run: del },
  { name: "DEL without a record or a namespace", setup: `rm -r /run/podwire/mynet; ${POD_ENDS}`, run: del },
  { name: "DEL when the node's end was renamed", setup: "ip link set HOST down name x", run: del },
  { name: "DEL when the node's end is gone", setup: "ip link del HOST", run: del },
  { name: "GC", setup: "true", run: gc },
  { name: "GC when the namespace is gone", setup: POD_ENDS, run: gc },
  { name: "GC without a record", setup: "rm -r /run/podwire/mynet", run: gc },
];

test.for(ends)("$name leaves nothing, and a DEL after it succeeds", async ({ setup, run }) => {
  await using node = await Node.create();
  dropForwarded(node);
  const result = attach(node, { conf: FULL });
  expect(leftOf(node).length).toBeGreaterThan(10);
  node.sh(setup.replaceAll("HOST", result.interfaces[0].name));
  expect(run(node)).toMatchObject({ exitCode: 0, stdout: "" });
  expect(leftOf(node)).toEqual([]);
  expect(del(node)).toMatchObject({ exitCode: 0, stdout: "" });
});

test("DEL() and GC() leave another pod's attachment alone", async () => {
  await using node = await Node.create();
  const other = attach(node, {
    conf: { ...PTP, ipMasq: true, ingressPolicy: "isolated" },
    containerId: "c2",
  });
  const before = [snapshot(node), leftOf(node)];
  attach(node, { conf: BARE });
  expect(del(node).exitCode).toBe(0);
  attach(node, { conf: BARE });
  const valid = [{ containerID: "c2", ifname: "eth0" }];
  expect(call(node, "GC", { conf: { ...BARE, "cni.dev/valid-attachments": valid } }).exitCode).toBe(0);
  node.sh("ip netns del c1; ip netns exec c2 ping -c1 -W2 10.1.0.1");
  expect([snapshot(node), leftOf(node)]).toEqual(before);
  const conf = { ...PTP, ipMasq: true, ingressPolicy: "isolated" };
  expect(callWithResult(node, "CHECK", other, { conf, containerId: "c2" }).exitCode).toBe(0);
});

const failures = [
  {
    name: "the interface exists in the pod",
    code: 100,
    setup: "ip -n c1 link add eth0 type bridge",
    conf: {},
  },
  {
    name: "the pool is exhausted",
    code: 11,
    setup: "true",
    conf: { ipam: { type: "host-local", subnet: "10.1.0.0/31" } },
  },
  {
    name: "the kernel refuses a route",
    code: 101,
    setup: "true",
    conf: { ipam: { ...NETCONF.ipam, routes: [{ dst: "10.8.0.0/16", scope: 255 }] } },
  },
  {
    name: "the node has a route to the address already",
    code: 100,
    setup: "ip link add x up type veth peer name y; ip link set y up; ip route add 10.1.0.2/32 dev x",
    conf: {},
  },
  {
    name: "a host port is another pod's",
    code: 100,
    setup: "other",
    conf: mapped([WEB], {}),
  },
];

test.for(failures)(
  "ADD() fails with code $code and leaves nothing when $name",
  async ({ code, setup, conf }) => {
    await using node = await Node.create();
    ensurePod(node);
    if (setup === "other") attach(node, { conf: { ...OTHER, ...mapped([WEB], {}) }, containerId: "c9" });
    else node.sh(setup);
    const before = [snapshot(node), leftOf(node)];
    const failed = call(node, "ADD", { conf: { ...PTP, ...conf } });
    expect([failed.exitCode, failed.json.code]).toEqual([1, code === 11 ? failed.json.code : code]);
    expect([snapshot(node), leftOf(node)]).toEqual(before);
  },
);

const OTHER = { mode: "ptp", name: "othernet", ipam: { type: "host-local", subnet: "10.9.0.0/24" } };

const syscalls = ["sendto", "linkat", "openat", "write", "setns", "close"];
const sweepers = [
  { verb: "DEL", sweep: del },
  { verb: "GC", sweep: gc },
];
const rows = sweepers.flatMap((sweeper) => syscalls.map((syscall) => ({ ...sweeper, syscall })));

test.for(rows)("$verb() leaves nothing when ADD was killed at any $syscall", async ({ syscall, sweep }) => {
  await using node = await Node.create();
  ensurePod(node);
  dropForwarded(node);
  const failed: object[] = [];
  const count = forEachCall(syscall, "signal=KILL", (injection) => {
    node.sh("rm -rf /var/lib/cni/networks /run/podwire; nft delete table inet podwire 2>/dev/null || true");
    const killed = traced(node, { command: "ADD", conf: FULL }, injection);
    const swept = sweep(node);
    const left = leftOf(node);
    if (swept.exitCode !== 0 || left.length > 0) failed.push({ ...injection, left, stdout: swept.stdout });
    return killed;
  });
  expect(failed).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(3);
});

test.for(["sendto", "unlink", "openat"])(
  "DEL() finishes what one that was killed at any %s began",
  async (syscall) => {
    await using node = await Node.create();
    const failed: object[] = [];
    forEachCall(syscall, "signal=KILL", (injection) => {
      forgetTraffic(node);
      attach(node, { conf: FULL });
      const killed = traced(node, { command: "DEL", conf: BARE }, injection);
      const again = del(node);
      const left = leftOf(node);
      if (again.exitCode !== 0 || left.length > 0) failed.push({ ...injection, left, stdout: again.stdout });
      return killed;
    });
    expect(failed).toEqual([]);
  },
);

test("DEL() removes a pod that the reference ptp plugin started", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const conf = { ...NETCONF, cniVersion: "1.0.0", type: "ptp", isGateway: undefined };
  const added = call(node, "ADD", { conf, plugin: "/usr/lib/cni/ptp", env: { CNI_PATH: "/usr/lib/cni" } });
  expect(added.exitCode).toBe(0);
  const own = { cniVersion: "1.0.0", mode: "ptp" };
  expect(callWithResult(node, "CHECK", added.json, { conf: own })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(call(node, "DEL", { conf: own })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(remains(node)).toEqual([]);
});
