/** `podwire gc --cri` with a real containerd: what it knows stays, what it has forgotten goes. */

import { expect, test } from "vitest";
import { podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { attach } from "../../support/pod/attachment.ts";
import { Containerd } from "../../support/runtime/containerd.ts";

function containersOf({ node }: Containerd): string[] {
  const attachments: { containerId: string }[] = succeedJson(node, "attachments");
  return attachments.map(({ containerId }) => containerId).toSorted();
}

/** The attachment of a container that containerd does not know, as if it had been made some time ago. */
function attachForgotten(containerd: Containerd, containerId: string, minutes: number): void {
  attach(containerd.node, { containerId, conf: { bridge: "cni1" } });
  age(containerd, containerId, minutes);
}

function age({ node }: Containerd, containerId: string, minutes: number): void {
  const date = new Date(Date.now() - minutes * 60_000).toISOString();
  node.sh(`sed -i 's/"createdAt":"[^"]*"/"createdAt":"${date}"/' /run/podwire/*/${containerId}:eth0.json`);
}

test("gc --cri keeps the pods of containerd and removes older ones that it does not know", async () => {
  await using containerd = await Containerd.create();
  const { id } = await containerd.runPod("server");
  age(containerd, id, 6);
  attachForgotten(containerd, "forgotten", 6);
  attachForgotten(containerd, "young", 4);
  const { node } = containerd;
  expect(containersOf(containerd)).toEqual([id, "forgotten", "young"].toSorted());
  expect(succeedJson(node, "gc --dry-run").collected).toEqual([]);
  expect(succeed(node, "gc --cri")).toBe(
    "removed mynet/forgotten/eth0: the container runtime has no such sandbox",
  );
  expect(containersOf(containerd)).toEqual([id, "young"].toSorted());
});

test("gc --cri leaves a pod alone that it does not know when its network's list says disableGC", async () => {
  await using containerd = await Containerd.create();
  attachForgotten(containerd, "forgotten", 6);
  const { node } = containerd;
  writeFile(node, "/etc/cni/net.d/90-mynet.conflist", { name: "mynet", disableGC: true, plugins: [] });
  expect(succeedJson(node, "gc --cri")).toMatchObject({
    collected: [],
    leftAlone: [{ what: "mynet/forgotten/eth0" }],
  });
  expect(containersOf(containerd)).toEqual(["forgotten"]);
  succeed(node, "gc --cri --force");
  expect(containersOf(containerd)).toEqual([]);
});

test("gc --cri keeps a pod whose record is gone while containerd knows it", async () => {
  await using containerd = await Containerd.create();
  const { id } = await containerd.runPod("server");
  const { node } = containerd;
  node.sh("rm /run/podwire/*/*.json");
  const { stdout } = podwire(node, "gc --cri unix:///run/containerd/containerd.sock");
  expect(stdout).toMatch(new RegExp(`^kept \\S*/${id}/eth0: it has no record, but its pod is there`));
  await containerd.removePod(id);
});
