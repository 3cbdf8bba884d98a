/** DEL leaves alone what does not bear our mark. */

import { expect, test } from "vitest";
import { linkOf, snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

const done = { exitCode: 0, stdout: "" };

test("DEL() leaves a foreign interface of the same name in the pod when it has no mark", async () => {
  await using node = await Node.create();
  ensurePod(node);
  node.sh("ip link add h0 type veth peer name eth0 netns c1");
  const before = snapshot(node, []);
  expect(call(node, "DEL")).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test("DEL() leaves an interface alone when it bears the mark of another attachment", async () => {
  await using node = await Node.create();
  ensurePod(node);
  node.sh("ip link add h0 type veth peer name eth0 netns c1");
  node.sh(
    "ip -n c1 link set eth0 alias 'podwire mynet/c2/eth0'; ip link set h0 alias 'podwire other/c1/eth0'",
  );
  const before = snapshot(node, []);
  expect(call(node, "DEL")).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test("DEL() leaves a foreign link alone when it has the host interface's name", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  call(node, "DEL");
  node.sh(`ip link add ${interfaces[1].name} type veth peer name other`);
  const before = snapshot(node);
  expect(call(node, "DEL")).toMatchObject(done);
  expect(snapshot(node)).toEqual(before);
});

test("DEL() leaves a marked link of another owner alone when the attachment's record is there", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  const { name } = interfaces[1];
  node.sh(`ip link del ${name}; ip link add ${name} alias mine type veth peer name other`);
  node.sh(`ip link set ${name} alias mine`);
  expect(call(node, "DEL")).toMatchObject(done);
  expect(linkOf(node, name).ifalias).toBe("mine");
});

test("DEL() leaves the interface alone when another network gave it to the container", async () => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node, []);
  const conf = { name: "other", ipam: { type: "host-local", subnet: "10.2.0.0/16" } };
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test("DEL() leaves the bridge and its address when the last pod goes", async () => {
  await using node = await Node.create();
  attach(node);
  call(node, "DEL");
  const [bridge] = node.json("ip -j -4 address show dev cni0");
  expect(bridge.addr_info[0].local).toBe("10.1.0.1");
});
