/** The base of the ruleset, which all pods share: comes back with the next ADD, and is left alone by other programs. */

import { expect, test } from "vitest";
import { ownersOf, rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { attach } from "../../support/pod/attachment.ts";
import { MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, World } from "../../support/traffic/traffic-world.ts";

const portOf = (hostPort: number) => mapped([{ ...WEB, hostPort }], { ...MYNET, ipMasq: true });

const isBase = (line: string) => /^(table|chain|set|map|rule) /.test(line);

const losses = [
  { name: "the table was deleted", script: "nft delete table inet podwire" },
  { name: "the rules were flushed", script: "nft flush table inet podwire" },
  { name: "the whole ruleset was flushed", script: "nft flush ruleset" },
  { name: "one chain was flushed", script: "nft flush chain inet podwire prerouting" },
  { name: "another chain was flushed", script: "nft flush chain inet podwire postrouting" },
  {
    name: "rules were flushed and one chain deleted",
    script: "nft flush table inet podwire; nft delete chain inet podwire output",
  },
];

test.for(losses)("ADD() makes the base whole again when $name", async ({ script }) => {
  await using world = await World.create();
  attach(world.node, { conf: portOf(81), containerId: "c1" });
  const before = rulesetOf(world.node).filter(isBase);
  world.node.sh(script);
  attach(world.node, { conf: portOf(82), containerId: "c2" });
  expect(rulesetOf(world.node).filter(isBase).toSorted()).toEqual(before.toSorted());
  await world.serve("c2");
  await world.serve("outside");
  const seen = [NODE4, NODE6].map((to) => world.connect("outside", `tcp ${to} 82`).split(" ")[0]);
  expect([...seen, world.connect("c2", `tcp ${OUTSIDE4} 80`)]).toEqual(["c2", "c2", `outside ${NODE4}`]);
});

/** Another program's table, as `nft -f` reads it. */
const OTHER = `table inet other {
  chain a {
    type nat hook postrouting priority 100
  }
}`;

const programs = [
  {
    name: "loads a table",
    script: `nft -f - <<'END'\n${OTHER}\nEND`,
  },
  {
    name: "makes its table anew",
    script: `nft add table inet other; nft -f - <<END
table inet other
delete table inet other
${OTHER}
END`,
  },
  { name: "flushes a table", script: "nft add table inet other; nft flush table inet other" },
  {
    name: "restores iptables",
    script: "printf '*nat\\n:PREROUTING ACCEPT\\n:POSTROUTING ACCEPT\\nCOMMIT\\n' | iptables-nft-restore",
  },
  { name: "flushes iptables", script: "iptables-nft -t nat -F; iptables-nft -t nat -X; iptables-nft -F" },
];

test.for(programs)(
  "ADD() has put its rules where they stay when another program $name",
  async ({ script }) => {
    await using world = await World.create();
    attach(world.node, { conf: portOf(81) });
    const isOurs = (line: string) => line.includes("podwire");
    const before = rulesetOf(world.node).filter(isOurs);
    world.node.sh(script);
    await world.serve("c1");
    expect(rulesetOf(world.node).filter(isOurs)).toEqual(before);
    expect(world.connect("outside", `tcp ${NODE4} 81`)).toBe("c1 192.168.50.2");
  },
);

test("ADD() leaves tables of others alone", async () => {
  await using world = await World.create();
  world.node.sh("nft add table ip other; nft add chain ip other a; nft add rule ip other a counter accept");
  const isTheirs = (line: string) => line.includes('"other"');
  const before = rulesetOf(world.node).filter(isTheirs);
  attach(world.node, { conf: portOf(81) });
  expect(rulesetOf(world.node).filter(isTheirs)).toEqual(before);
  expect(before).toHaveLength(3);
});

test("ADD() makes no chain and no rule more when there are pods already", async () => {
  await using world = await World.create();
  attach(world.node, { conf: portOf(81) });
  const before = rulesetOf(world.node).filter(isBase);
  attach(world.node, { conf: portOf(82), containerId: "c2" });
  expect(rulesetOf(world.node).filter(isBase)).toEqual(before);
  expect(ownersOf(world.node)).toHaveLength(2);
});
