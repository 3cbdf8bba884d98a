/** IPv6 addresses when ADD returns: usable at once, and with `enabledad` known to be nobody else's. */

import { expect, test } from "vitest";
import { prefixesOf, snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

const V6 = { ipam: { type: "host-local", subnet: "fd00:1::/64" } };

function flagsOf(node: Node) {
  const [link] = node.json("ip -n c1 -6 -j address show dev eth0 scope global");
  const { tentative = false, nodad = false, dadfailed = false } = link.addr_info[0];
  return { tentative, nodad, dadfailed };
}

test("ADD() leaves no tentative address when it does not detect duplicates", async () => {
  await using node = await Node.create();
  attach(node, { conf: V6 });
  expect(flagsOf(node)).toEqual({ tentative: false, nodad: true, dadfailed: false });
});

test("ADD() has finished detection when enabledad is set", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ...V6, enabledad: true } });
  expect(flagsOf(node)).toEqual({ tentative: false, nodad: false, dadfailed: false });
});

const HOLDER = [
  "ip link add cni0 type bridge",
  "ip link set cni0 up",
  "ip netns add other",
  "ip link add v0 master cni0 type veth peer name v1 netns other",
  "ip link set v0 up",
  "ip -n other link set v1 up",
  "ip -n other address add fd00:1::2/64 dev v1 nodad",
].join("; ");

test("ADD() fails with code 101 and leaves nothing when enabledad finds the address in use", async () => {
  await using node = await Node.create();
  node.sh(HOLDER);
  ensurePod(node);
  const before = snapshot(node);
  const added = call(node, "ADD", { conf: { ...V6, enabledad: true } });
  expect([added.exitCode, added.json.code]).toEqual([1, 101]);
  expect(added.json.msg).toContain("fd00:1::2");
  expect(snapshot(node)).toEqual(before);
});

test("ADD() takes the address all the same when it does not detect duplicates", async () => {
  await using node = await Node.create();
  node.sh(HOLDER);
  attach(node, { conf: V6 });
  expect(prefixesOf(node, "eth0", "c1")).toEqual(["fd00:1::2/64"]);
});
