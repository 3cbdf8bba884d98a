/** The same masquerade and host ports through bridge and portmap and through podwire: the same traffic. */

import { expect, test } from "vitest";
import { compare, type Facts } from "../support/reference/facts.ts";
import { World } from "../support/traffic/traffic-world.ts";
import type { TrafficCase } from "./traffic-case.ts";
import { TRAFFIC_CASES } from "./traffic-cases.ts";
import { TRAFFIC_DIFFERENCES, type TrafficDifference } from "./traffic-differences.ts";
import { type Implementation, TrafficSide } from "./traffic-side.ts";

/** The whole matrix with all pods attached, and the host ports after DEL of their pod. */
async function play(implementation: Implementation, scenario: TrafficCase): Promise<Facts> {
  await using world = await World.create();
  const side = await TrafficSide.create(world, implementation, scenario);
  const reached = await side.reachability();
  side.deleteFirst();
  const left = [...(await side.hostPorts())].map(([path, answer]) => [`left.${path}`, answer] as const);
  return new Map([...reached, ...left]);
}

test.for(TRAFFIC_CASES.map((scenario) => [scenario.name, scenario] as const))(
  "ADD() and DEL() make the reference's traffic with %s",
  async ([, scenario]) => {
    const [reference, podwire] = await Promise.all([play("reference", scenario), play("podwire", scenario)]);
    const lines = compare(reference, podwire);
    const rows: readonly TrafficDifference[] = TRAFFIC_DIFFERENCES.filter(({ id }) =>
      (scenario.differences ?? []).includes(id),
    );
    expect(lines.filter((line) => !rows.some(({ where }) => where.test(line)))).toEqual([]);
    const unseen = rows.filter(({ where }) => !lines.some((line) => where.test(line)));
    expect(unseen.map(({ id }) => id)).toEqual([]);
  },
);

test("every difference between the traffic of both is shown by a case", () => {
  const shown = TRAFFIC_CASES.flatMap(({ differences = [] }) => differences);
  expect(new Set(shown)).toEqual(new Set(TRAFFIC_DIFFERENCES.map(({ id }) => id)));
});
