/** `podwire gc`: removes what pods that are gone have left on the node. */

import { describeAttachment } from "../../attachment/attachment.ts";
import { openSockets } from "../../attachment/del.ts";
import {
  type Collected,
  collectGarbage,
  describeAddress,
  findGarbage,
  type Garbage,
  type Search,
} from "../../node/garbage.ts";
import { NO_EXEMPTIONS, readGcExemptions } from "../../node/gc-exemptions.ts";
import { readNodeFacts } from "../../node/holders.ts";
import { listPools } from "../../node/pools.ts";
import type { Call } from "../command.ts";
import { STATUS } from "../failure.ts";
import { OUTPUT } from "../output.ts";
import { type OutputOptions, printJson } from "../print.ts";

export interface GcOptions extends OutputOptions {
  readonly dryRun?: true;
  /** Also what configurations keep by `disableGC`. */
  readonly force?: true;
  /** True: the socket that is there. */
  readonly cri?: string | true;
  readonly pluginDir: string;
}

export async function runGc({ options, finish }: Call<GcOptions>): Promise<void> {
  const sandboxes = await askRuntime(options);
  using sockets = openSockets(OUTPUT);
  const directories = listPools(options.configDir);
  const exemptions = options.force === true ? NO_EXEMPTIONS : readGcExemptions(options.configDir);
  const garbage = findGarbage({ sockets, directories, facts: readNodeFacts(), exemptions, ...sandboxes });
  const isDry = options.dryRun === true;
  const context = { sockets, path: options.pluginDir.split(":"), configDir: options.configDir, ...sandboxes };
  const collected = isDry ? listPlanned(garbage) : collectGarbage(garbage, context);
  print(options, garbage, collected);
  if (collected.some(({ problem }) => problem !== undefined)) finish(STATUS.failed);
}

/** How long a sandbox may be in the making before its runtime lists it: a kubelet gives up after four minutes. */
const GRACE_MS = 5 * 60_000;

async function askRuntime({ cri }: GcOptions): Promise<Pick<Search, "sandboxes">> {
  if (cri === undefined) return {};
  const { listSandboxes } = await import("./cri.ts"); // gRPC is the larger part of the program
  const known = await listSandboxes(cri === true ? undefined : cri);
  return { sandboxes: { grace: GRACE_MS, has: (containerId) => known.has(containerId) } };
}

function listPlanned({ attachments, addresses }: Garbage): Collected[] {
  return [
    ...attachments.map(({ attachment, reason }) => ({ what: describeAttachment(attachment), reason })),
    ...addresses.map((stale) => ({ what: describeAddress(stale), reason: "nobody has it" })),
  ];
}

function print(
  { json, dryRun }: GcOptions,
  { unclear, leftAlone }: Garbage,
  collected: readonly Collected[],
): void {
  const kept = unclear.map(describeAttachment);
  if (json === true) {
    printJson({ collected, kept, leftAlone });
    return;
  }
  const done = dryRun === true ? "would remove" : "removed";
  for (const { what, reason, problem } of collected)
    console.log(problem === undefined ? `${done} ${what}: ${reason}` : `failed ${what}: ${problem}`);
  for (const what of kept)
    console.log(`kept ${what}: it has no record, but its pod is there; delete the pod`);
  for (const { what, reason } of leftAlone) console.log(`left alone ${what}: ${reason}; --force removes it`);
  if (collected.length + kept.length + leftAlone.length === 0)
    console.log("nothing is left of pods that are gone");
}
