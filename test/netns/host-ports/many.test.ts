/** Very many host ports of one pod: opened, checked and closed as one is. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { elementsOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET, mapped } from "../../support/traffic/traffic-networks.ts";
import { NODE4, World } from "../../support/traffic/traffic-world.ts";

const portsOf = (count: number) =>
  mapped(Array.from({ length: count }, (_, index) => ({ hostPort: 9000 + index, containerPort: 80 })));

const counts = [100, 1000];

test.for(counts)("ADD() opens %d ports of one pod", async (count) => {
  await using world = await World.create();
  attach(world.node, { conf: portsOf(count) });
  await world.serve("c1");
  const some = [9000, 9000 + count / 2, 9000 + count - 1];
  const seen = some.map((port) => world.connect("outside", `tcp ${NODE4} ${port}`));
  expect(seen).toEqual(some.map(() => "c1 192.168.50.2"));
});

test.for(counts)("CHECK() passes when the pod has %d ports", async (count) => {
  await using node = await Node.create();
  const conf = portsOf(count);
  const result = attach(node, { conf });
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test.for(counts)("CHECK() names the one that is gone when the pod has %d ports", async (count) => {
  await using node = await Node.create();
  const conf = portsOf(count);
  const result = attach(node, { conf });
  node.sh("nft delete element inet podwire hostports_ip '{ tcp . 9042 }'");
  const { json } = callWithResult(node, "CHECK", result, { conf });
  expect([json?.code, json?.msg]).toEqual([102, expect.stringContaining("9042")]);
});

const removals = counts.flatMap((count) => [
  { count, name: "the record is there", script: "true" },
  { count, name: "the record is gone", script: "rm -r /run/podwire/mynet" },
]);

test.for(removals)("DEL() closes $count ports of one pod when $name", async ({ count, script }) => {
  await using node = await Node.create();
  attach(node, { conf: portsOf(count) });
  node.sh(script);
  expect(call(node, "DEL", { conf: MYNET })).toMatchObject({ exitCode: 0, stdout: "" });
  expect({ remains: remains(node), elements: elementsOf(node) }).toEqual({ remains: [], elements: [] });
});

test.for(counts)("ADD() names the holder and leaves nothing when one of %d ports is taken", async (count) => {
  await using node = await Node.create();
  attach(node, { conf: mapped([{ hostPort: 9042, containerPort: 80 }]) });
  const before = [remains(node), elementsOf(node)];
  ensurePod(node, "c2");
  const { json } = call(node, "ADD", { conf: portsOf(count), containerId: "c2" });
  node.sh("ip netns del c2");
  expect([json?.code, json?.msg]).toEqual([100, expect.stringContaining("mynet/c1/eth0")]);
  expect([remains(node), elementsOf(node)]).toEqual(before);
});
