/** `npm run bench`: podwire against the reference plugins, in turn, each on a node of its own. */

import { existsSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { PODWIRE } from "../support/node/node.ts";
import type { Row } from "./in-turn.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { SUITES } from "./suite.ts";
import { type Summary, summarize } from "./summary.ts";
import { coloured, plain, toTable } from "./table.ts";
import { toPlot } from "./traffic/plot.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = understood(args);
  if (options === undefined) return 2;
  if (options === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  if (!existsSync(PODWIRE)) return refuse(`${PODWIRE} is missing; run "npm run build" first`);
  if (process.getuid?.() !== 0) return refuse("not root: nodes need namespaces");
  return await measureAndReport(options);
}

function understood(args: readonly string[]): Options | "help" | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error)); // safe: undefined says so
    return undefined;
  }
}

async function measureAndReport({ suites, jsonFile, plotFile, isChecked, ...options }: Options) {
  const progress = (text: string) => console.error(`bench: ${text}`);
  const chosen = suites.flatMap((name) => SUITES[name] ?? []);
  const rows: Row[] = [];
  for (const suite of chosen) rows.push(...(await suite.measure({ ...options, progress })));
  const summaries = rows.map(summarize);
  const notes = chosen.flatMap(({ note }) => note ?? []);
  const useColour = process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "";
  console.log([toTable(summaries, useColour ? coloured : plain), ...notes].join("\n"));
  if (jsonFile !== undefined) writeJson(jsonFile, rows, summaries, notes);
  if (plotFile !== undefined) writeFileSync(plotFile, toPlot(summaries));
  const missed = chosen.flatMap((suite) => suite.missed(summaries));
  for (const line of missed) console.error(`target missed: ${line}`);
  return isChecked && missed.length > 0 ? 1 : 0;
}

function writeJson(
  file: string,
  rows: readonly Row[],
  summaries: readonly Summary[],
  notes: readonly string[],
): void {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model };
  const samples = rows.map(({ costs, ...row }) => ({ ...row, costs: Object.fromEntries(costs) }));
  writeFileSync(file, `${JSON.stringify({ machine, notes, summaries, samples }, undefined, 2)}\n`);
}

function refuse(reason: string): number {
  console.error(`scripts/bench: ${reason}`);
  return 2;
}
