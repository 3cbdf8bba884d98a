/** Fifty pods with masquerade and host ports at once: all of them work, and nothing is left of them. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { elementsOf, ownersOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { ensurePod } from "../../support/pod/attachment.ts";
import { allAtOnce } from "../../support/pod/traffic-concurrent.ts";
import { MYNET, mapped, ownerOf, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, World } from "../../support/traffic/traffic-world.ts";

const ids = Array.from({ length: 50 }, (_, index) => `c${index + 1}`);
const network = { ...MYNET, ipMasq: true };

const calls = ids.map((containerId, index) => ({
  containerId,
  conf: mapped(
    [
      { ...WEB, hostPort: 9000 + index },
      { ...WEB, hostPort: 9000 + index, protocol: "udp" },
    ],
    network,
  ),
}));

const failuresOf = (done: readonly { exitCode: number }[]) => done.filter(({ exitCode }) => exitCode !== 0);

test("ADD() opens every port and DEL() leaves nothing when fifty run at once", async () => {
  await using node = await Node.create();
  expect(failuresOf(await allAtOnce(node, "ADD", calls))).toEqual([]);
  expect(ownersOf(node)).toEqual(ids.map((id) => ownerOf(id)).toSorted());
  const open = elementsOf(node).filter(({ key }) => /^(tcp|udp) \. 90\d\d$/.test(key));
  expect(open).toHaveLength(50 * 2 * 2);
  expect(failuresOf(await allAtOnce(node, "DEL", calls))).toEqual([]);
  expect({ remains: remains(node), elements: elementsOf(node) }).toEqual({ remains: [], elements: [] });
});

test("ADD() leads each port to its own pod when fifty run at once", async () => {
  await using world = await World.create();
  await allAtOnce(world.node, "ADD", calls);
  const some = [0, 24, 49];
  for (const index of some) await world.serve(ids[index] ?? "");
  await world.serve("outside");
  const seen = some.flatMap((index) => [
    world.connect("outside", `tcp ${NODE4} ${9000 + index}`),
    world.connect("node", `tcp ${NODE6} ${9000 + index}`),
    world.connect(ids[index] ?? "", `tcp ${OUTSIDE4} 80`),
  ]);
  expect(seen).toEqual(
    some.flatMap((index) => [`${ids[index]} 192.168.50.2`, `${ids[index]} fd50::1`, `outside ${NODE4}`]),
  );
});

test("ADD() gives the port to exactly one when ten pods want it at once", async () => {
  await using node = await Node.create();
  const rivals = ids.slice(0, 10).map((containerId) => ({ containerId, conf: mapped([WEB], network) }));
  const done = await allAtOnce(node, "ADD", rivals);
  const codes = done.map(({ json }) => json.code ?? 0).toSorted();
  expect(codes).toEqual([0, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
  expect(ownersOf(node)).toHaveLength(1);
});

test("DEL() and ADD() do not disturb each other when they run at once", async () => {
  await using node = await Node.create();
  await allAtOnce(node, "ADD", calls.slice(0, 25));
  const both = await Promise.all([
    allAtOnce(node, "DEL", calls.slice(0, 25)),
    allAtOnce(node, "ADD", calls.slice(25)),
  ]);
  expect(failuresOf(both.flat())).toEqual([]);
  expect(ownersOf(node)).toEqual(
    ids
      .slice(25)
      .map((id) => ownerOf(id))
      .toSorted(),
  );
});

test("GC() closes every port but the valid ones when it runs beside ADDs", async () => {
  await using node = await Node.create();
  await allAtOnce(node, "ADD", calls.slice(0, 10));
  const young = calls.slice(10, 20);
  const valid = young.map(({ containerId }) => ({ containerID: containerId, ifname: "eth0" }));
  ensurePod(node, "c1");
  const collect = { containerId: "c1", conf: { ...network, "cni.dev/valid-attachments": valid } };
  const done = await Promise.all([allAtOnce(node, "GC", [collect]), allAtOnce(node, "ADD", young)]);
  expect(failuresOf(done.flat())).toEqual([]);
  expect(ownersOf(node)).toEqual(young.map(({ containerId }) => ownerOf(containerId)).toSorted());
});
