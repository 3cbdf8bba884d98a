/** A configuration of version 0.2.0 that asks for masquerade, with the executable under the name that it gives. */

import { expect, test } from "vitest";
import { ownersOf } from "../../support/kernel/traffic-rules.ts";
import { PODWIRE } from "../../support/node/node.ts";
import { NODE4, OUTSIDE4, World } from "../../support/traffic/traffic-world.ts";

const conf = {
  cniVersion: "0.2.0",
  name: "mynet",
  type: "net-script",
  bridge: "cni0",
  isGateway: true,
  ipMasq: true,
  ipam: { type: "host-local", subnet: "10.244.0.0/16", routes: [{ dst: "0.0.0.0/0" }] },
};

function callAs(world: World, command: string) {
  const plugin = "/run/net-script";
  return world.node.cni({
    command,
    conf,
    plugin,
    containerId: "c1",
    netns: "/run/netns/c1",
    ifname: "eth0",
  });
}

async function worldWithPlugin(): Promise<World> {
  const world = await World.create();
  world.node.sh(`ln -s ${PODWIRE} /run/net-script`);
  world.node.addPod("c1");
  return world;
}

test("ADD() masquerades when a configuration of version 0.2.0 asks for it", async () => {
  await using world = await worldWithPlugin();
  const added = callAs(world, "ADD");
  expect(added.json).toMatchObject({ cniVersion: "0.2.0", ip4: { ip: "10.244.0.2/16" } });
  await world.serve("outside");
  expect(world.connect("c1", `tcp ${OUTSIDE4} 80`)).toBe(`outside ${NODE4}`);
});

test("DEL() leaves no masquerade when a configuration of version 0.2.0 had asked for it", async () => {
  await using world = await worldWithPlugin();
  callAs(world, "ADD");
  const done = callAs(world, "DEL");
  expect([done.exitCode, done.stdout, ownersOf(world.node)]).toEqual([0, "", []]);
});
