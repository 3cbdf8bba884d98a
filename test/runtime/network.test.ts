/** GC and STATUS through the real cnitool: what concerns a network as a whole. */

import { expect, test } from "vitest";
import { RuntimeNode } from "../support/runtime/cnitool.ts";

const SMALL = "10.1.0.0/30"; // gateway .1, one pod .2

function networkOf(cniVersion: string, subnet = "10.1.0.0/16", more: object = {}): object {
  const plugin = { type: "podwire", isGateway: true, ipam: { type: "host-local", subnet }, ...more };
  return { cniVersion, name: "mynet", plugins: [plugin] };
}

async function nodeWithPods(conf: object, pods: readonly string[]) {
  const runtime = await RuntimeNode.create();
  runtime.configure(conf);
  for (const pod of pods) {
    const added = runtime.call("add", { netns: runtime.node.addPod(pod) });
    if (added.exitCode !== 0) throw new Error(`cnitool add: ${added.stderr}`);
  }
  return runtime;
}

test.for(["1.0.0", "1.1.0"])("cnitool gc removes every attachment of the network at %s", async (version) => {
  await using runtime = await nodeWithPods(networkOf(version), ["pod1", "pod2"]);
  const collected = runtime.call("gc", { netns: "/run/netns/pod1" });
  expect(collected).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  expect({ links: runtime.hostEnds(), addresses: runtime.reservations() }).toEqual({
    links: [],
    addresses: [],
  });
});

test("GC() without a list removes nothing of which the runtime knows nothing", async () => {
  await using runtime = await nodeWithPods(networkOf("1.1.0"), ["pod1"]);
  runtime.node.sh("rm -r /var/lib/cni/results");
  expect(runtime.call("gc", { netns: "/run/netns/pod1" })).toMatchObject({ exitCode: 0, stderr: "" });
  expect({ links: runtime.hostEnds().length, addresses: runtime.reservations() }).toEqual({
    links: 1,
    addresses: ["10.1.0.2"],
  });
});

test("GC() goes on where a pod's namespace is gone", async () => {
  await using runtime = await nodeWithPods(networkOf("1.1.0"), ["pod1", "pod2"]);
  runtime.node.sh("ip netns delete pod1");
  expect(runtime.call("gc", { netns: "/run/netns/pod2" })).toMatchObject({ exitCode: 0, stderr: "" });
  expect({ links: runtime.hostEnds(), addresses: runtime.reservations() }).toEqual({
    links: [],
    addresses: [],
  });
});

test("STATUS() is silent where an ADD can succeed", async () => {
  await using runtime = await nodeWithPods(networkOf("1.1.0"), ["pod1"]);
  const answered = runtime.call("status", { netns: "/run/netns/pod1" });
  expect(answered).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

test("STATUS() tells the runtime of an exhausted pool when it is asked to", async () => {
  await using runtime = await nodeWithPods(networkOf("1.1.0", SMALL, { notReadyWhenFull: true }), ["pod1"]);
  const { exitCode, stderr } = runtime.call("status", { netns: "/run/netns/pod1" });
  expect({ exitCode, saysWhy: stderr.includes("10.1.0.1-10.1.0.2") }).toEqual({ exitCode: 1, saysWhy: true });
});

test("ADD() fails through cnitool where the pool is exhausted, and leaves nothing", async () => {
  await using runtime = await nodeWithPods(networkOf("1.1.0", SMALL), ["pod1"]);
  const { exitCode } = runtime.call("add", { netns: runtime.node.addPod("pod2") });
  expect({ exitCode, links: runtime.hostEnds().length, addresses: runtime.reservations() }).toEqual({
    exitCode: 1,
    links: 1,
    addresses: ["10.1.0.2"],
  });
});

test.for([
  ["GC", "1.0.0"],
  ["STATUS", "1.0.0"],
  ["GC", "0.4.0"],
  ["STATUS", "0.4.0"],
] as const)("%s() is refused with code 1 at %s", async ([command, cniVersion]) => {
  await using runtime = await RuntimeNode.create();
  const refused = runtime.node.cni({ command, conf: { cniVersion, name: "mynet", type: "podwire" } });
  expect(refused).toMatchObject({ exitCode: 1, json: { cniVersion, code: 1 } });
});
