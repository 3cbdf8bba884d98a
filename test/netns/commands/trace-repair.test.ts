/** `podwire trace` after somebody took something from podwire's tables: it says so, and podwire repair puts it right. */

import { expect, test } from "vitest";
import { succeed } from "../../support/node/commands.ts";
import { answers, hopAt, trace, tracedWorld } from "../../support/traffic/trace.ts";
import { NODE4, OUTSIDE4 } from "../../support/traffic/traffic-world.ts";

const TAKEN = [
  { name: "the whole ruleset", script: "nft flush ruleset" },
  { name: "the elements of masquerade", script: "nft flush map inet podwire masquerade_ip" },
  { name: "the rules of postrouting", script: "nft flush chain inet podwire postrouting" },
];

test.for(TAKEN)("trace warns and names podwire repair when $name is gone", async ({ script }) => {
  await using world = await tracedWorld({ ipMasq: true });
  world.outside.sh("ip route del 10.0.0.0/8");
  const line = `c1 ${OUTSIDE4}`;
  const warnings = () => trace(world.node, line).hops.filter(({ level }) => level !== "ok");
  expect([warnings(), answers(world, "c1", `${OUTSIDE4} 80`, true)]).toEqual([[], true]);
  world.node.sh(script);
  expect(warnings()[0]).toMatchObject({ level: "warning", advice: "podwire repair" });
  expect(answers(world, "c1", `${OUTSIDE4} 80`, false)).toBe(false);
  succeed(world.node, "repair");
  expect([warnings(), answers(world, "c1", `${OUTSIDE4} 80`, true)]).toEqual([[], true]);
});

test("trace names the pod of a host port when no element leads to it", async () => {
  await using world = await tracedWorld();
  world.node.sh("nft flush map inet podwire hostports_ip");
  const line = `c1 ${NODE4} --port 8080`;
  expect(hopAt(trace(world.node, line), "hostport")).toMatchObject({
    level: "warning",
    text: "port 8080/tcp should lead to c2, and no element of table inet podwire says so",
    advice: "podwire repair",
  });
  expect(answers(world, "c1", `${NODE4} 8080`, true)).toBe(false);
  succeed(world.node, "repair");
  expect(hopAt(trace(world.node, line), "hostport")?.level).toBe("ok");
  expect(answers(world, "c1", `${NODE4} 8080`, true)).toBe(true);
});
