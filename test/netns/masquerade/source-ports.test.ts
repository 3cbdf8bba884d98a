/** Which source ports masqueraded connections get. */

import { expect, test } from "vitest";
import { attach } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";
import { OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const conf = { ...MYNET, ipMasq: true };

/** The rules that masquerade, as nft(8) writes them. */
function masqueradeRules({ node }: World): string[] {
  const lines = node.sh("nft list table inet podwire").split("\n");
  const start = lines.findIndex((line) => /chain (ranged-)?masquerade-/.test(line));
  return lines
    .slice(start)
    .flatMap((line) => (/masquerade/.test(line) && !/chain/.test(line) ? [line.trim()] : []));
}

test.for([
  ["by chance", {}, ["masquerade fully-random"]],
  ["as the kernel chooses them", { ipMasqFullyRandom: false }, ["masquerade"]],
  [
    "from a range",
    { ipMasqPorts: "40000-40009", ipMasqFullyRandom: false },
    [
      ...["tcp", "udp", "sctp"].map((protocol) => `meta l4proto ${protocol} masquerade to :40000-40009`),
      "masquerade",
    ],
  ],
] as const)("ADD() gives source ports %s", async ([, fields, rules]) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...conf, ...fields } });
  expect(masqueradeRules(world)).toEqual(rules);
});

test("connections come from a port of ipMasqPorts, and a restored ruleset has the same rules", async () => {
  await using world = await World.create();
  attach(world.node, { conf: { ...conf, ipMasqPorts: "40000-40009" } });
  world.outside.sh(`nft -f - <<'END'
table inet watch {
	chain in {
		type filter hook prerouting priority raw
		th sport 40000-40009 counter
		meta l4proto { tcp, udp } counter
	}
}
END`);
  await world.serve("outside", "tcp 80", "udp 80");
  for (const target of [OUTSIDE4, OUTSIDE6])
    for (const protocol of ["tcp", "udp"]) world.connect("c1", `${protocol} ${target} 80`);
  const [inRange, all] = world.outside
    .sh("nft list chain inet watch in")
    .matchAll(/packets (\d+)/g)
    .map(([, packets]) => Number(packets));
  expect(inRange).toBeGreaterThanOrEqual(4);
  expect(inRange).toBe(all);
  const rules = masqueradeRules(world);
  world.node.sh("nft list ruleset > /run/saved.nft; nft flush ruleset; nft -f /run/saved.nft");
  expect(masqueradeRules(world)).toEqual(rules);
});
