/** `podwire doctor`: what is wrong with this node, what it means for pods, and what mends it. */

import type { Call } from "../command.ts";
import { STATUS } from "../failure.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { CHECKS } from "./checks.ts";
import { readFacts } from "./facts.ts";
import { findPlaces } from "./places.ts";
import { formatFindings, type PrintOptions, toJson } from "./print.ts";
import { mend, runChecks } from "./run-checks.ts";

export interface DoctorOptions extends OutputOptions, PrintOptions {
  readonly fix?: true;
  readonly pluginDir?: string;
}

type DoctorArgs = [groups: readonly string[]];

export async function runDoctor({
  args: [groups],
  options,
  finish,
}: Call<DoctorOptions, DoctorArgs>): Promise<void> {
  const checks = CHECKS.filter(({ group }) => groups.length === 0 || groups.includes(group));
  const look = () => runChecks(checks, readFacts(findPlaces(options)));
  let found = await look();
  if (options.fix === true) {
    const say = options.json === true ? console.error : console.log;
    const done = mend(found);
    for (const line of done) say(line);
    if (done.length > 0) {
      say("");
      found = await look();
    }
  }
  if (options.json === true) printJson(found.map(toJson));
  else console.log(formatFindings(found, options));
  if (found.some(({ level }) => level === "fault")) finish(STATUS.failed);
}
