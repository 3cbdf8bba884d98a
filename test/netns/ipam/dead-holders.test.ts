/** Addresses that nobody has given back: pods are gone, their DEL was never made, and the next pod needs one. */

import { once } from "node:events";
import { expect, test } from "vitest";
import { holdLock, letGo, startAdd } from "../../support/fault/held-lock.ts";
import { prefixesOf, remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { hasPrinted } from "../../support/node/printed.ts";
import { attach, call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";
import { allAtOnce } from "../../support/pod/traffic-concurrent.ts";

/** Room for two pods, of which each has masquerade, a host port and a limit. */
const SMALL = {
  notReadyWhenFull: true,
  ipMasq: true,
  ipam: { ...NETCONF.ipam, rangeStart: "10.1.0.11", rangeEnd: "10.1.0.12" },
};

function podConf(hostPort: number): object {
  const portMappings = [{ hostPort, containerPort: 80, protocol: "tcp" }];
  const bandwidth = { ingressRate: 8_000_000, egressRate: 8_000_000 };
  return { ...SMALL, runtimeConfig: { portMappings, bandwidth } };
}

/** Both addresses are taken: by `lost`, whose network namespace ends then, and by `c2`. */
async function nodeWithDeadPod(): Promise<Node> {
  const node = await Node.create();
  attach(node, { containerId: "lost", conf: podConf(8081) });
  attach(node, { containerId: "c2", conf: podConf(8082) });
  node.sh("ip netns del lost");
  return node;
}

/** All that bears a pod's name, and what is written of it. */
const EVERYTHING = `ip link; nft list ruleset
  find /run/podwire /var/lib/cni -type f -print -exec cat {} +`;

test("ADD() gives the address of a pod that is gone, and leaves nothing of it, when the range is exhausted", async () => {
  await using node = await nodeWithDeadPod();
  const added = attach(node, { containerId: "c3", conf: podConf(8083) });
  expect(added.ips).toMatchObject([{ address: "10.1.0.11/16" }]);
  expect(prefixesOf(node, "eth0", "c3")).toEqual(["10.1.0.11/16"]);
  const left = node.sh(EVERYTHING);
  expect(left).not.toMatch(/\blost\b|8081/);
  for (const kept of ["8082", "8083", "mynet/c2/eth0", "mynet/c3/eth0"]) expect(left).toContain(kept);
  expect(node.sh("ip -br link show type veth").trim().split("\n")).toHaveLength(2);
});

test("DEL() of a pod leaves the next one its address when it comes after that", async () => {
  await using node = await nodeWithDeadPod();
  attach(node, { containerId: "c3", conf: podConf(8083) });
  const before = node.sh(EVERYTHING);
  expect(call(node, "DEL", { containerId: "lost", conf: podConf(8081) })).toMatchObject({
    exitCode: 0,
    stdout: "",
  });
  expect(node.sh(EVERYTHING)).toBe(before);
});

test("ADD() gives the very address that was asked for when the pod that had it is gone", async () => {
  await using node = await Node.create();
  attach(node, { containerId: "lost", args: "IP=10.1.0.50" });
  node.sh("ip netns del lost");
  expect(attach(node, { containerId: "c2", args: "IP=10.1.0.50" }).ips).toMatchObject([
    { address: "10.1.0.50/16" },
  ]);
});

test("ADD() says which pod's end was made up for when it takes its address", async () => {
  await using node = await nodeWithDeadPod();
  ensurePod(node, "c3");
  expect(call(node, "ADD", { containerId: "c3", conf: SMALL }).stderr).toContain(
    "attachment mynet/lost/eth0, whose pod is gone, was removed for what it held",
  );
});

test("ADD() takes nothing from a pod that is gone when that is of another network, or an address is free", async () => {
  await using node = await Node.create();
  const ipam = { type: "host-local", subnet: "10.2.0.0/16" };
  attach(node, { containerId: "lost", conf: { name: "other", bridge: "cni1", ipam } });
  attach(node, { containerId: "c2", conf: SMALL });
  node.sh("ip netns del lost; ip netns del c2");
  attach(node, { containerId: "c3", conf: SMALL });
  expect(node.sh(EVERYTHING)).toContain("mynet/c2/eth0");
  attach(node, { containerId: "c4", conf: SMALL });
  expect(node.sh(EVERYTHING)).not.toContain("mynet/c2/eth0");
  ensurePod(node, "c5");
  expect(call(node, "ADD", { containerId: "c5", conf: SMALL }).json).toMatchObject({ code: 11 });
  expect(node.sh(EVERYTHING)).toContain("other/lost:eth0.json");
});

test("ADD() gives one pod one address when three need that of a pod that is gone at once", async () => {
  await using node = await nodeWithDeadPod();
  const pods = ["c3", "c4", "c5"].map((containerId) => ({ containerId, conf: SMALL }));
  const calls = await allAtOnce(node, "ADD", pods);
  expect(calls.map(({ json }) => json.code ?? 0).sort()).toEqual([0, 11, 11]);
});

test("STATUS() succeeds when the range is exhausted by pods of which one is gone, and not when all live", async () => {
  await using node = await Node.create();
  attach(node, { containerId: "lost", conf: SMALL });
  attach(node, { containerId: "c2", conf: SMALL });
  expect(call(node, "STATUS", { conf: SMALL })).toMatchObject({ exitCode: 1, json: { code: 50 } });
  node.sh("ip netns del lost; while ip link | grep -q 'podwire mynet/lost/'; do sleep 0.01; done");
  const before = remains(node);
  expect(call(node, "STATUS", { conf: SMALL })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(remains(node)).toEqual(before);
});

test("ADD() leaves a pod alone when it is there again before its removal", async () => {
  await using node = await nodeWithDeadPod();
  ensurePod(node, "c3");
  const holder = await holdLock(node, "/run/podwire/mynet/lost:eth0.json");
  const adding = startAdd(node, "c3", SMALL);
  const exited = once(adding, "close");
  await hasPrinted(adding.stderr, "EAGAIN"); // it holds the pod for gone
  ensurePod(node, "lost");
  node.sh(`ip link add v0 type veth peer name eth0 netns lost
    ip -n lost link set eth0 alias "podwire mynet/lost/eth0"`);
  await letGo(holder);
  expect((await exited)[0]).toBe(1);
  expect(node.sh(EVERYTHING)).toContain("mynet/lost/eth0");
});

test("ADD() takes a dead pod's address when another namespace is at its path", async () => {
  await using node = await nodeWithDeadPod();
  node.sh('while ip link show type veth | grep -q "mynet/lost/"; do sleep 0.01; done'); // the kernel takes a while
  ensurePod(node, "lost");
  expect(attach(node, { containerId: "c3", conf: SMALL }).ips).toHaveLength(1);
  expect(node.sh(EVERYTHING)).not.toContain("mynet/lost/eth0");
});
