/** Pods of containerd that choose their network by annotation. */

import { expect, test } from "vitest";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { succeed } from "../../support/node/commands.ts";
import { Containerd } from "../../support/runtime/containerd.ts";
import { pageAt, WEB_SERVER, WEB_SERVES } from "../../support/runtime/web.ts";

const RANGE = "-s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.100 -g 10.10.120.1";

/** A node whose second interface is a port of the network "web", with the node's second host on the other side. */
async function withWeb(): Promise<Containerd> {
  const containerd = await Containerd.create();
  const { node, world } = containerd;
  world.outside.sh(`ip link add eth1 type veth peer name eth1 netns /proc/${node.pid}/ns/net
    ip link set eth1 up; ip address add 10.10.120.1/24 dev eth1`);
  node.sh("ip link set eth1 up");
  succeed(node, `network create web ${RANGE} --attach bridge --uplink eth1`);
  return containerd;
}

const wish = (network: string) => ({
  annotations: { "diamanti.com/endpoint0": JSON.stringify({ network }) },
});

test("a pod is reached on the network's own wire when its annotation names the network", async () => {
  await using containerd = await withWeb();
  const pod = await containerd.runPod("server", wish("web"));
  await containerd.exec(await containerd.startContainer(pod, WEB_SERVER), WEB_SERVES);
  expect({
    addresses: await containerd.addressesOf(pod),
    page: pageAt(containerd.world.outside, "http://10.10.120.11/"),
  }).toEqual({ addresses: ["10.10.120.11"], page: "server" });
});

test("nothing is left of a pod of a named network when it is removed", async () => {
  await using containerd = await withWeb();
  const before = leftoversOf(containerd.node);
  const pod = await containerd.runPod("server", wish("web"));
  await containerd.removePod(pod.id);
  expect(leftoversOf(containerd.node)).toEqual(before);
});

test("the runtime tells what is wrong and leaves nothing when the annotation names no network", async () => {
  await using containerd = await withWeb();
  const before = leftoversOf(containerd.node);
  const refused = await containerd.runPod("server", wish("wbe")).catch(String);
  await containerd.removeAll();
  expect({ refused, left: leftoversOf(containerd.node) }).toEqual({
    refused: expect.stringContaining(
      `runtimeConfig.io.kubernetes.cri.pod-annotations.diamanti.com/endpoint0: no network has the name "wbe"`,
    ),
    left: before,
  });
});
