/** The same configurations through the reference plugins and podwire: results, kernel state and files are the same. */

import { expect, test } from "vitest";
import { compare, type Facts } from "../support/reference/facts.ts";
import type { Generation } from "../support/reference/reference.ts";
import type { Case } from "./case.ts";
import { ADDRESS_CASES } from "./cases-addresses.ts";
import { BRIDGE_CASES, PLAIN } from "./cases-bridge.ts";
import { DIFFERENCES, type Difference } from "./differences.ts";
import { attachmentsOf, documentFacts, type Plugin, Side } from "./side.ts";

const CASES: readonly Case[] = [...BRIDGE_CASES, ...ADDRESS_CASES];

interface Run {
  readonly scenario: Case;
  readonly generation: Generation;
}

const RUNS: readonly Run[] = CASES.flatMap((scenario) =>
  scenario.newestOnly
    ? [{ scenario, generation: "newest" as const }]
    : (["newest", "debian"] as const).map((generation) => ({ scenario, generation })),
);

/** Everything that one plugin does with a case: ADDs, what is there then, CHECKs, DELs, what is left. */
async function play(plugin: Plugin, scenario: Case): Promise<Facts> {
  await using side = await Side.create(plugin, scenario);
  const attachments = attachmentsOf(scenario);
  const added = attachments.map((attachment) => side.call("ADD", attachment));
  const failed = added.find(({ exitCode }) => exitCode !== 0);
  if (failed !== undefined) throw new Error(`ADD by ${plugin}: ${failed.stdout}${failed.stderr}`);
  const { facts, roles } = side.observe(attachments);
  const results = added.flatMap(({ json }, index) => [...documentFacts(`result[${index}]`, json, roles)]);
  const verbs = attachments.flatMap((attachment, index) => {
    const { cniVersion } = attachment.conf;
    const prevResult = /^0\.[123]/.test(cniVersion) ? undefined : added[index]?.json;
    const checked =
      prevResult === undefined ? "not in this version" : side.call("CHECK", attachment, prevResult);
    const deleted = side.call("DEL", attachment, prevResult);
    return [
      [`check[${index}]`, typeof checked === "string" ? checked : `exit ${checked.exitCode}`] as const,
      [`del[${index}]`, `exit ${deleted.exitCode}`] as const,
    ];
  });
  const left = [...side.observe(attachments).facts].map(([path, value]) => [`left.${path}`, value] as const);
  return new Map([...facts, ...results, ...verbs, ...left]);
}

async function differencesOf({ scenario, generation }: Run): Promise<string[]> {
  return compare(await play(generation, scenario), await play("podwire", scenario));
}

/** The rows of the table that may explain a difference from this generation. */
function rowsFor(generation: Generation): readonly Difference[] {
  const rows: readonly Difference[] = DIFFERENCES;
  return rows.filter((row) => row.generation === undefined || row.generation === generation);
}

function isGateway({ conf }: Case): boolean {
  return Object.entries(conf).some(([key, value]) => /^is(default)?gateway$/i.test(key) && value === true);
}

test.for(RUNS.map((run) => [run.scenario.name, run.generation, run] as const))(
  "ADD(), CHECK() and DEL() do what the reference does with %s (%s)",
  async ([, generation, run]) => {
    const lines = await differencesOf(run);
    const isNamed = (row: Difference) =>
      run.scenario.differences?.some((id) => id === row.id) || (row.ofGateways && isGateway(run.scenario));
    const rows = rowsFor(generation).filter((row) => row.everywhere || isNamed(row));
    expect(lines.filter((line) => !rows.some(({ where }) => where.test(line)))).toEqual([]);
    const unseen = rows.filter((row) => isNamed(row) && !lines.some((line) => row.where.test(line)));
    expect(unseen.map(({ id }) => id)).toEqual([]);
  },
);

test.for(["newest", "debian"] as const)(
  "ADD() shows every difference that follows from no field with plain configurations (%s)",
  async (generation) => {
    const plain = PLAIN.filter(({ newestOnly }) => !newestOnly || generation === "newest");
    const lines: string[] = [];
    for (const scenario of plain) lines.push(...(await differencesOf({ scenario, generation })));
    const rows = rowsFor(generation).filter(
      (row) => row.everywhere && !(generation === "debian" && row.id === "result-mtu"),
    );
    const unseen = rows.filter(({ where }) => !lines.some((line) => where.test(line)));
    expect(unseen.map(({ id }) => id)).toEqual([]);
  },
);
