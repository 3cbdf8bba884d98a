/** Named networks: what a pod's choice of one costs, and the questions that grow with what a node has. */

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import type { Cost } from "../../support/measure/caller.ts";
import { FakeSysfs } from "../../support/sriov/fake-sysfs.ts";
import { podwire } from "../contestant.ts";
import { inTurn, type Row, type Step } from "../in-turn.ts";
import type { Site, Verb } from "../site.ts";
import { BY_NAME, PLAIN, PLAIN_BRIDGE, POD } from "./site.ts";
import { CHOICE, LIST, titleOf } from "./titles.ts";

export interface Plan {
  /** With a network by name, and without. */
  readonly sites: readonly Site[];
  readonly crowded: Site;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

export async function measureNetworks({ sites, crowded, rounds, progress }: Plan): Promise<Row[]> {
  progress(`a pod on a network by name: ${rounds} rounds`);
  const calls = await inTurn(rounds, sites, (["ADD", "CHECK", "DEL"] as const).map(toStep));
  progress(`${LIST}: ${rounds} rounds`);
  const list = await inTurn(rounds, [crowded], [{ title: LIST, run: listNetworks }]);
  progress(`${CHOICE}: ${rounds} rounds`);
  return [...calls, ...list, await measureChoice(rounds)];
}

function toStep(verb: Verb): Step<Site> {
  const run = (site: Site) => site.call(verb, site.contestant.name === PLAIN_BRIDGE ? PLAIN : BY_NAME, POD);
  return { title: titleOf(verb), run };
}

function listNetworks(site: Site): Promise<Cost> {
  return site.command(["network", "list"]);
}

const SCRIPT = resolve(import.meta.dirname, "choose.ts");

/** The process tells itself how long it took: nobody chooses without a plugin call around it. */
async function measureChoice(rounds: number): Promise<Row> {
  using sysfs = new FakeSysfs([
    { ifname: "ens1f0", bus: "3b", vfs: Array.from({ length: 256 }, () => ({})) },
  ]);
  const choose = async (): Promise<Cost> => {
    const stdout = execFileSync("scripts/bun", [SCRIPT, sysfs.root, "ens1f0"], { encoding: "utf8" });
    const wallMs = Number(stdout);
    return { exitCode: 0, wallMs, cpuMs: wallMs, peakMiB: 0, minorFaults: 0, stdout };
  };
  const [row] = await inTurn(rounds, [{ contestant: podwire }], [{ title: CHOICE, run: choose }]);
  if (row === undefined) throw new Error("nothing was measured");
  return row;
}
