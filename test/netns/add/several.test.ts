/** Several attachments beside each other: of one container, of one network, of several networks. */

import { expect, test } from "vitest";
import { linkOf, prefixesOf, snapshot, stateFiles } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";

const OTHER = { name: "other", bridge: "br1", ipam: { type: "host-local", subnet: "10.2.0.0/16" } };

test("ADD() gives a container two interfaces when it is called with two names", async () => {
  await using node = await Node.create();
  const first = attach(node);
  const second = attach(node, { ifname: "eth1" });
  expect(prefixesOf(node, "eth0", "c1")).toEqual(["10.1.0.2/16"]);
  expect(prefixesOf(node, "eth1", "c1")).toEqual(["10.1.0.3/16"]);
  expect(first.interfaces[1].name).not.toBe(second.interfaces[1].name);
});

test("DEL() leaves the container's other interface alone when it has two on one network", async () => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node);
  attach(node, { ifname: "eth1" });
  expect(call(node, "DEL", { ifname: "eth1" }).exitCode).toBe(0);
  expect(snapshot(node)).toEqual(before);
});

test("DEL() leaves the container's interface on another network alone when it has two", async () => {
  await using node = await Node.create();
  attach(node);
  attach(node, { conf: OTHER, ifname: "eth1" });
  expect(call(node, "DEL").exitCode).toBe(0);
  expect(linkOf(node, "eth0", "c1")).toBeUndefined();
  expect(prefixesOf(node, "eth1", "c1")).toEqual(["10.2.0.2/16"]);
  expect(Object.keys(stateFiles(node))).toEqual([
    "/run/podwire/other/c1:eth1.json",
    "/var/lib/cni/networks/other/10.2.0.2",
  ]);
});

test("CHECK() passes for each when a container has two interfaces", async () => {
  await using node = await Node.create();
  const first = attach(node);
  const second = attach(node, { conf: OTHER, ifname: "eth1" });
  expect(callWithResult(node, "CHECK", first).stdout).toBe("");
  expect(callWithResult(node, "CHECK", second, { conf: OTHER, ifname: "eth1" }).stdout).toBe("");
});

test("ADD() leaves the first attachment alone when it is repeated", async () => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node, []);
  const again = call(node, "ADD");
  expect([again.exitCode, again.json.code]).toEqual([1, 100]);
  expect(snapshot(node, [])).toEqual(before);
});

test("ADD() succeeds when the attachment was deleted before", async () => {
  await using node = await Node.create();
  attach(node);
  call(node, "DEL");
  attach(node);
  expect(prefixesOf(node, "eth0", "c1")).toEqual(["10.1.0.3/16"]);
});

const CLASH = { name: "other", bridge: "br1", ipam: { type: "host-local", subnet: "10.2.0.0/16" } };

test("ADD() refuses with code 100 when another network gave the container that interface", async () => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node, []);
  const added = call(node, "ADD", { conf: CLASH });
  expect([added.exitCode, added.json.code]).toEqual([1, 100]);
  expect(snapshot(node, [])).toEqual(before);
});

test("ADD() serves two pods when their IDs differ in the last character of 64", async () => {
  await using node = await Node.create();
  const ids = ["a", "b"].map((last) => `${"0".repeat(63)}${last}`);
  const names = ids.map((containerId) => {
    const netns = ensurePod(node, `p${containerId.slice(-1)}`);
    const added = call(node, "ADD", { containerId, netns });
    return added.json.interfaces[1].name;
  });
  expect(new Set(names).size).toBe(2);
});

test("ADD() and DEL() work when ID and network name are as long as they get", async () => {
  await using node = await Node.create();
  const options = { conf: { name: "n".repeat(200) }, containerId: "c".repeat(250), netns: ensurePod(node) };
  const before = snapshot(node);
  expect(call(node, "ADD", options).exitCode).toBe(0);
  expect(call(node, "DEL", options).exitCode).toBe(0);
  expect(snapshot(node)).toEqual(before);
});
