/** `podwire repair`: puts back what the records say and the kernel has lost. */

import { type Repaired, repair } from "../node/repair.ts";
import { STATUS } from "./failure.ts";
import { OUTPUT } from "./output.ts";
import { type OutputOptions, printJson } from "./print.ts";
import type { Program } from "./program.ts";

const DESCRIPTION = `Puts back what somebody took from podwire's nftables tables.

Masquerade, host ports and guards of pods are elements of the tables
"inet podwire" and "bridge podwire". Where these were flushed or deleted
("nft flush ruleset", a firewall that was reloaded), this makes them again, each
pod's elements from its record in /run/podwire. What is there is left alone.

Virtual functions that lie on the node with the mark of a pod that is gone get
their names and settings back, and the pod's addresses are freed.`;

const EXAMPLES = `
Examples:
  podwire repair
      one line for each attachment that was not whole
  podwire repair --json
      the same for programs: [{"network", "containerId", "ifname", "missing", "rules", "forward", "localnet", "vf", "problem"}]

Exit status: 0 all is whole now, 1 something could not be put back, 2 called with wrong arguments.`;

const PROGRESS_EVERY = 100;

export function addRepair({ command, finish }: Program): void {
  command
    .command("repair")
    .summary("put back what the node's rulesets have lost")
    .description(DESCRIPTION)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(({ json }: OutputOptions) => {
      const repaired = repair(OUTPUT, showProgress);
      if (json === true) printJson(repaired);
      else console.log(describe(repaired));
      if (repaired.some(({ problem }) => problem !== undefined)) finish(STATUS.failed);
    });
}

function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY && (done % PROGRESS_EVERY === 0 || done === all))
    console.error(`${done} of ${all} attachments`);
}

function describe(repaired: readonly Repaired[]): string {
  if (repaired.length === 0) return "Everything is as the records say.";
  const lines = repaired.map((one) => {
    const { network, containerId, ifname, problem } = one;
    const became = problem === undefined ? `put back ${describeLosses(one)}` : `failed: ${problem}`;
    return `${network}/${containerId}/${ifname}: ${became}`;
  });
  return lines.join("\n");
}

/** `2 elements and the rules` */
export function describeLosses({ missing, rules, forward, localnet, vf }: Repaired): string {
  return [
    ...(vf === undefined ? [] : [`virtual function ${vf}`]),
    ...(missing === 0 ? [] : [`${missing} element${missing === 1 ? "" : "s"}`]),
    ...(rules ? ["the rules"] : []),
    ...(forward === true ? ["the way through others' chains"] : []),
    ...(localnet === true ? ["the way from 127.0.0.1"] : []),
  ].join(" and ");
}
