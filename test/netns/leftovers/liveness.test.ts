/** A pod is there while its path is a network namespace and what ADD made for it is there: each way in which it is not. */

import { expect, test } from "vitest";
import { createNode, succeed, succeedJson } from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";
import { attach, ensurePod } from "../../support/pod/attachment.ts";
import { addNamedPod } from "../../support/pod/named-pods.ts";

const GONE = "while ip link show type veth | grep -q 'podwire mynet/c1/'; do sleep 0.01; done";

/** Pods c1 and c2 on the configuration's own bridge. */
async function nodeWithPods(): Promise<Node> {
  const node = await createNode();
  attach(node, { containerId: "c1" });
  attach(node, { containerId: "c2" });
  return node;
}

/** Container IDs of the attachments that a clean-up leaves. */
function leftAfterGc(node: Node): string[] {
  succeed(node, "gc");
  return succeedJson(node, "attachments").map(({ containerId }: { containerId: string }) => containerId);
}

test.for([
  ["its path is gone", "ip netns del c1"],
  ["another namespace is at its path", `ip netns del c1; ${GONE}; ip netns add c1`],
  [
    "another pod's namespace is at its path",
    `ip netns del c1; ${GONE}; touch /run/netns/c1; mount --bind /run/netns/c2 /run/netns/c1`,
  ],
  [
    "the node's namespace is at its path",
    `ip netns del c1; ${GONE}; touch /run/netns/c1; mount --bind /proc/self/ns/net /run/netns/c1`,
  ],
  ["a plain file is at its path", "umount /run/netns/c1"],
  ["its interface was deleted", "ip -n c1 link del eth0"],
])("gc removes a pod, and no other, when %s", async ([, script = ""]) => {
  await using node = await nodeWithPods();
  node.sh(script);
  expect(leftAfterGc(node)).toEqual(["c2"]);
  expect(node.sh("ls /var/lib/cni/networks/mynet")).not.toContain("10.1.0.2\n");
});

test.for([
  ["nothing happened", "true"],
  ["its interface is down", "ip -n c1 link set eth0 down"],
  [
    "the node's end has another name",
    "ip link set $(ip -br link | grep -o '^veth[^@]*' | head -1) down name other",
  ],
  [
    "the port has left its bridge",
    "for port in $(ls /sys/class/net/cni0/brif); do ip link set $port nomaster; done",
  ],
  ["the bridge is gone", "ip link del cni0"],
])("gc leaves every pod alone when %s", async ([, script = ""]) => {
  await using node = await nodeWithPods();
  node.sh(script);
  expect(leftAfterGc(node)).toEqual(["c1", "c2"]);
});

test("gc tells pods with macvlan interfaces apart by the interface in the pod", async () => {
  await using node = await createNode();
  succeed(
    node,
    "network create mac -s 10.9.2.0/24 --start 10.9.2.10 --end 10.9.2.20 --attach macvlan --uplink eth2",
  );
  for (const containerId of ["c1", "c2"]) addNamedPod(node, containerId, { network: "mac" });
  node.sh("ip netns del c1");
  ensurePod(node, "c1");
  expect(leftAfterGc(node)).toEqual(["c2"]);
});

test("release refuses a pod that lives and takes one whose path is another's", async () => {
  await using node = await nodeWithPods();
  node.sh(`ip netns del c1; ${GONE}; ip netns add c1`);
  expect(succeed(node, "release c1 --yes")).toContain("released mynet/c1/eth0");
  expect(() => succeed(node, "release c2 --yes")).toThrow(/is alive/);
});
