/** `podwire repair`: puts back what the records say and the kernel has lost. */

import { type Repaired, repair } from "../../node/repair.ts";
import type { Call } from "../command.ts";
import { STATUS } from "../failure.ts";
import { OUTPUT } from "../output.ts";
import { type OutputOptions, printJson } from "../print.ts";

const PROGRESS_EVERY = 100;

export function runRepair({ options: { json }, finish }: Call<OutputOptions>): void {
  const repaired = repair(OUTPUT, showProgress);
  if (json === true) printJson(repaired);
  else console.log(describe(repaired));
  if (repaired.some(({ problem }) => problem !== undefined)) finish(STATUS.failed);
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
