/** `npm run bench`: podwire against the reference plugins, in turn, each on a node of its own. */

import { existsSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { PODWIRE } from "../support/node.ts";
import { defaultFolders, podwire, references } from "./contestant.ts";
import { FLOOR } from "./floor.ts";
import type { Row } from "./in-turn.ts";
import { measureAll } from "./measure.ts";
import { Site } from "./site.ts";
import { type Summary, summarize } from "./summary.ts";
import { coloured, plain, toTable } from "./table.ts";
import { missedTargets } from "./targets.ts";

const HELP = `Usage: scripts/bench [--pairs N | --quick] [--reference FOLDER]... [--json FILE] [--check]

Measures plugin calls of podwire and of the reference plugins in turn, on nodes of their own
(network and mount namespaces), under one thin caller, as root. Prints medians of wall time,
CPU time and peak memory, and podwire's wall time as a multiple of each other's.

  --pairs N           rounds for each row (40)
  --quick             10 rounds
  --reference FOLDER  a folder with the reference's bridge and host-local
                      (Debian's /usr/lib/cni, and the one that scripts/reference fills)
  --json FILE         write all measurements and the summary to FILE
  --check             exit 1 where a target is missed
  --help              this text

PODWIRE_BIN names the executable to measure (dist/podwire).
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const rounds = options.pairs === undefined ? (options.quick ? 10 : 40) : Number(options.pairs);
  if (!(Number.isInteger(rounds) && rounds > 0))
    return refuse(`--pairs ${options.pairs}: want a whole number above 0`);
  if (!existsSync(PODWIRE)) return refuse(`${PODWIRE} is missing; run "npm run build" first`);
  if (process.getuid?.() !== 0) return refuse("not root: nodes need namespaces");
  const rows = await measure(rounds, options.reference ?? defaultFolders());
  const summaries = rows.map(summarize);
  const useColour = process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "";
  console.log(toTable(summaries, useColour ? coloured : plain));
  if (options.json !== undefined) writeJson(options.json, rows, summaries);
  const missed = missedTargets(summaries);
  for (const line of missed) console.error(`target missed: ${line}`);
  return options.check && missed.length > 0 ? 1 : 0;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        pairs: { type: "string" },
        quick: { type: "boolean", default: false },
        reference: { type: "string", multiple: true },
        json: { type: "string" },
        check: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error)); // safe: undefined says so
    return undefined;
  }
}

async function measure(rounds: number, folders: readonly string[]): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const contestants = [podwire, ...references(folders)];
  const sites: Site[] = [];
  for (const contestant of contestants) sites.push(stack.use(await Site.create(contestant)));
  const floor = stack.use(await Site.create({ name: FLOOR, programs: [] }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => abandon([...sites, floor]));
  const progress = (text: string) => console.error(`bench: ${text}`);
  return await measureAll({ sites, floor, rounds, crowds: [1, 100, 500], atOnce: 50, progress });
}

function abandon(sites: readonly Site[]): never {
  for (const site of sites) site.abandon();
  process.exit(130);
}

function writeJson(file: string, rows: readonly Row[], summaries: readonly Summary[]): void {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model };
  const samples = rows.map(({ title, costs }) => ({ title, costs: Object.fromEntries(costs) }));
  writeFileSync(file, `${JSON.stringify({ machine, summaries, samples }, undefined, 2)}\n`);
}

function refuse(reason: string): number {
  console.error(`scripts/bench: ${reason}`);
  return 2;
}
