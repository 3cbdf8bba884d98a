/** Packets of no connection: none leaves a masqueraded network with the pod's own address. */

import { expect, test } from "vitest";
import { compiled } from "../../support/build/compile.ts";
import type { Node } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";
import { GATEWAY4, GATEWAY6, MYNET } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const TARGETS = [OUTSIDE4, OUTSIDE6];

/** Counts what comes from the pods' networks with RST. */
const COUNTED = `nft -f - <<'END'
table inet watch {
	chain in {
		type filter hook prerouting priority raw
		ip saddr 10.1.0.0/16 tcp flags & rst == rst counter
		ip6 saddr fd00:1::/64 tcp flags & rst == rst counter
	}
}
END`;

/** How many stray segments to each target arrive outside with the pod's address. */
function strayArrivals({ node, outside }: World): number[] {
  outside.sh(`ip route add 10.1.0.0/16 via ${NODE4}; ip route add fd00:1::/64 via ${NODE6}; ${COUNTED}`);
  for (const target of TARGETS)
    node.sh(
      `ip netns exec c1 ${compiled("traffic/stray")} ${target}; ip netns exec c1 ping -n -c 1 -W 5 ${target}`,
    );
  return countersOf(outside);
}

function countersOf(node: Node): number[] {
  // biome-ignore lint/suspicious/noExplicitAny: a document of nft
  const rules: any[] = node.json("nft -j list chain inet watch in").nftables;
  return rules
    .flatMap(({ rule }) => rule?.expr.flatMap(({ counter }: never) => counter ?? []) ?? [])
    .map(({ packets }: { packets: number }) => packets);
}

test.for([
  ["drops them", { ipMasq: true }, [0, 0]],
  ["lets them pass without ipMasq", { ipMasq: false }, [1, 1]],
  ["lets them pass to what is excluded", { ipMasq: true, ipMasqExclude: [OUTSIDE4] }, [1, 0]],
] as const)("ADD() %s", async ([, fields, arrivals]) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...MYNET, ...fields } });
  expect(strayArrivals(world)).toEqual(arrivals);
});

test("a pod's packets of no connection reach the node and the pods of its network", async () => {
  await using world = await World.create();
  world.filterBridges(true);
  const conf = { ...MYNET, ipMasq: true };
  attach(world.node, { conf });
  attach(world.node, { conf, containerId: "c2" });
  world.node.sh(COUNTED);
  for (const target of [GATEWAY4, GATEWAY6, "10.1.0.3", "fd00:1::3"])
    world.node.sh(`ip netns exec c1 ${compiled("traffic/stray")} ${target}`);
  expect(countersOf(world.node)).toEqual([2, 2]);
});
