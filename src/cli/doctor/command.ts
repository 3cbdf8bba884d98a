/** `podwire doctor`: what is wrong with this node, what it means for pods, and what mends it. */

import { Argument } from "commander";
import { STATUS } from "../failure.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { CHECKS, GROUPS } from "./checks.ts";
import { readFacts } from "./facts.ts";
import { formatFindings, type PrintOptions, toJson } from "./print.ts";
import { mend, runChecks } from "./run.ts";

const DESCRIPTION = `Looks at this node, and says what keeps pods from their network.

One line for each thing that was looked at: ✓ it is as it should be, ! pods are
served, yet somebody should know, ✗ pods are not served. Below what is not well
stands what it means for pods, and behind → what mends it. Nothing is changed.

With --fix what can be mended without harm to any pod is: forwarding is turned
on, folders of podwire's own get their modes, what dead pods have left is removed
(podwire gc), what the rulesets have lost is put back (podwire repair).`;

const EXAMPLES = `
Examples:
  podwire doctor
  podwire doctor pools leaks
      how full the address pools are, and what dead pods have left
  podwire doctor --fix
      mends what is safe, then looks again
  podwire doctor --json | jq -r '.[] | select(.level == "fault") | .text'
      [{"group", "check", "level", "text", "details", "meaning", "command", "fixable"}]; level: ok, warning, fault

Exit status: 0 no fault (there may be warnings), 1 a fault, 2 called with wrong arguments.`;

interface DoctorOptions extends OutputOptions, PrintOptions {
  readonly fix?: true;
  readonly pluginDir: string;
}

export function addDoctor({ command, finish }: Program): void {
  command
    .command("doctor")
    .addArgument(new Argument("[groups...]", "look at these alone").choices(GROUPS))
    .summary("say what is wrong with this node, and what mends it")
    .description(DESCRIPTION)
    .option("--fix", "mend what can be mended without harm")
    .option("-v, --verbose", "details of what is well too")
    .option("--plugin-dir <folders>", "where the runtime looks for plugins", "/opt/cni/bin")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (groups: readonly string[], _options, self) => {
      const options = allOptions<DoctorOptions>(self);
      const checks = CHECKS.filter(({ group }) => groups.length === 0 || groups.includes(group));
      const look = () => runChecks(checks, readFacts(options));
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
    });
}
