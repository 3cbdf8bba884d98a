/** Every contestant of the full chain does all of the work, and undoes it. */

import { expect, test } from "vitest";
import { defaultDirectories } from "../contestant.ts";
import { Connections } from "./connections.ts";
import { trafficContestants } from "./contestant.ts";
import { addNamespaces, crowdPod, growCrowd } from "./crowd.ts";
import { TrafficSite } from "./site.ts";
import type { Pod } from "./stages.ts";

const CONTESTANTS = trafficContestants(defaultDirectories());
const POD: Pod = { id: "pod", network: "traffic", hostPort: 30_000, isShaped: true };

/** A node with one shaped pod that serves, and an outside host that knows no way to pods. */
async function arrange(contestant: (typeof CONTESTANTS)[0]) {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await TrafficSite.create(contestant));
  addNamespaces(site, [POD]);
  site.node.sh(`ip netns exec ${POD.id} sysctl -qw net.ipv4.tcp_syn_retries=1`);
  await site.call("ADD", POD);
  const connections = stack.use(await Connections.create(site, POD));
  site.node.sh("ip netns exec outside sysctl -qw net.ipv4.tcp_syn_retries=1");
  const held = stack.move();
  return { site, connections, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Token buckets of the node. */
function limitsOf({ node }: TrafficSite): object[] {
  const qdiscs: { kind: string }[] = node.json("tc -j qdisc show");
  return qdiscs.filter(({ kind }) => kind === "tbf");
}

test.for(CONTESTANTS)(
  "$name forwards a host port when ADD is done, and no more after DEL",
  async (contestant) => {
    await using place = await arrange(contestant);
    expect(await place.connections.open(3)).toMatchObject({ exitCode: 0 });
    await place.site.call("DEL", POD);
    await expect(place.connections.open(1)).rejects.toThrow("no connection to port 30000");
  },
);

test.for(CONTESTANTS)("$name masquerades when a pod speaks to an outside host", async (contestant) => {
  await using place = await arrange(contestant);
  const { node } = place.site;
  const connections = place.site.program("connections");
  node.sh(`mkfifo /run/said
    ${connections} serve /run/netns/outside 81 > /run/said &
    read ready < /run/said
    ${connections} open /run/netns/${POD.id} 192.0.2.2 81 1`);
  expect(node.sh("ip -n outside route")).not.toContain("10.1.");
});

test.for(CONTESTANTS)(
  "$name shapes both directions when ADD is done, and none after DEL",
  async (contestant) => {
    await using place = await arrange(contestant);
    expect(limitsOf(place.site)).toHaveLength(2);
    await place.site.call("DEL", POD);
    expect(limitsOf(place.site)).toEqual([]);
  },
);

test.for(CONTESTANTS)(
  "$name forwards each host port of a crowd when growCrowd() fills it twice",
  async (contestant) => {
    await using site = await TrafficSite.create(contestant);
    await growCrowd(site, 0, 1);
    await growCrowd(site, 1, 3);
    for (const index of [0, 2]) {
      await using connections = await Connections.create(site, crowdPod(index));
      expect(await connections.open(3)).toMatchObject({ exitCode: 0 });
      site.node.sh("ip link del uplink && ip netns del outside");
    }
  },
);
