/** DEL whatever became of the container's network namespace. */

import { expect, test } from "vitest";
import { linkOf, links, snapshot, stateFiles } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, DUAL_STACK, ensurePod } from "../../support/pod/attachment.ts";

const conf = { isDefaultGateway: true, ipam: DUAL_STACK };
const done = { exitCode: 0, stdout: "", stderr: "" };

test("DEL() removes everything when nothing has changed since ADD", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node);
  const result = attach(node, { conf });
  expect(callWithResult(node, "DEL", result, { conf })).toMatchObject(done);
  expect(snapshot(node)).toEqual(before);
});

const namespaces = [
  { name: "CNI_NETNS is empty and the pod lives", change: "true", netns: "" },
  { name: "CNI_NETNS is empty and the pod is gone", change: "ip netns del c1", netns: "" },
  { name: "the path is gone", change: "ip netns del c1", netns: "/run/netns/c1" },
  { name: "the path's directory is gone", change: "ip netns del c1", netns: "/run/none/c1" },
  { name: "the path is in a file", change: "touch /run/file", netns: "/run/file/c1" },
  { name: "a plain file is left at the path", change: "umount /run/netns/c1", netns: "/run/netns/c1" },
  { name: "a directory is at the path", change: "mkdir /run/directory", netns: "/run/directory" },
  { name: "the path is the node's own namespace", change: "true", netns: "/proc/self/ns/net" },
  { name: "the path is another kind of namespace", change: "true", netns: "/proc/self/ns/mnt" },
];

test.for(namespaces)("DEL() removes everything when $name", async ({ change, netns }) => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh(change);
  expect(call(node, "DEL", { conf, netns })).toMatchObject(done);
  expect(links(node).filter((link) => link.linkinfo?.info_kind === "veth")).toEqual([]);
  expect(stateFiles(node)).toEqual({});
  expect(call(node, "DEL", { conf, netns })).toMatchObject(done);
});

test("DEL() leaves another pod's interface alone when its namespace is at the path now", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  const { interfaces } = attach(node, { conf, containerId: "c2" });
  const before = snapshot(node).pods.c2;
  expect(call(node, "DEL", { conf, netns: "/run/netns/c2" })).toMatchObject(done);
  expect(snapshot(node).pods.c2).toEqual(before);
  expect(linkOf(node, interfaces[1].name).operstate).toBe("UP");
});

test("DEL() succeeds when it is called again", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  call(node, "DEL", { conf });
  const before = snapshot(node, []);
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test("DEL() succeeds and makes no bridge when there was never an ADD", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node, []);
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test("DEL() succeeds when the interface was removed in the pod before", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh("ip -n c1 link del eth0");
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(stateFiles(node)).toEqual({});
});

test("DEL() removes the interface when it was renamed in the pod", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh("ip -n c1 link set eth0 down; ip -n c1 link set eth0 name net9");
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(links(node, "c1").map(({ ifname }) => ifname)).toEqual(["lo"]);
});

test("DEL() removes the interface when the bridge is gone", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh("ip link del cni0");
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(links(node, "c1").map(({ ifname }) => ifname)).toEqual(["lo"]);
});
