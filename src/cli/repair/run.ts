/** `podwire repair`: puts back what the records say and the kernel has lost. */

import { type Repair, type Repaired, repair } from "../../node/repair.ts";
import type { Call } from "../command.ts";
import { count } from "../doctor/finding.ts";
import { STATUS } from "../failure.ts";
import { OUTPUT } from "../output.ts";
import { type OutputOptions, printJson } from "../print.ts";

const PROGRESS_EVERY = 100;

export function runRepair({ options: { json }, finish }: Call<OutputOptions>): void {
  const done = repair({ output: OUTPUT, progress: showProgress });
  if (json === true) printJson(done.repaired);
  else console.log(describe(done));
  if (done.repaired.some(({ problem }) => problem !== undefined)) finish(STATUS.failed);
}

function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY && (done % PROGRESS_EVERY === 0 || done === all))
    console.error(`${done} of ${all} attachments`);
}

/** What was looked at stands there too: nobody is to take it for a look at everything. */
function describe({ repaired, checked, unreachable }: Repair): string {
  const lines = repaired.map((one) => {
    const { network, containerId, ifname, problem } = one;
    const became = problem === undefined ? `put back ${describeLosses(one)}` : `failed: ${problem}`;
    return `${network}/${containerId}/${ifname}: ${became}`;
  });
  const unseen =
    unreachable === 0
      ? []
      : [`the rules of ${count(unreachable, "attachment")} without an interface on the node`];
  return [
    ...(lines.length === 0 ? ["nothing is missing"] : lines),
    `checked: ${RULES} of ${count(checked, "attachment")}; virtual functions of dead pods`,
    `not checked: ${[...unseen, "interfaces, addresses, routes (podwire doctor drift)"].join("; ")}`,
  ].join("\n");
}

const RULES = "nftables rules and elements, rules in foreign chains, sysctl route_localnet";

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
