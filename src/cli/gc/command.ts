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
import { readNodeFacts } from "../../node/holders.ts";
import { listPools } from "../../node/pools.ts";
import { STATUS } from "../failure.ts";
import { OUTPUT } from "../output.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { listSandboxes } from "./cri.ts";

const DESCRIPTION = `Removes what pods that are gone have left on this node.

An attachment goes where its network namespace is gone, with all that it had:
interfaces, addresses, rules, virtual function, record. So does what bears the mark
of an attachment without a record and without a pod, and addresses that nobody has.
Afterwards bridges, VLANs and rules go that no network and no pod uses; --dry-run
does not foretell these.

With --cri the container runtime is asked for its sandboxes: what it has none of
goes too, though its network namespace be there, five minutes after its ADD; what
it has stays. A running ADD is never in danger.`;

const EXAMPLES = `
Examples:
  podwire gc --dry-run
      what would be removed, and why
  podwire gc
  podwire gc --cri unix:///run/containerd/containerd.sock
      also namespaces that a runtime has forgotten; without a socket: the usual ones
  podwire gc --json | jq '.collected[] | select(.problem)'
      what could not be removed

Exit status: 0 done, 1 something could not be removed, 2 called with wrong arguments.`;

export interface GcOptions extends OutputOptions {
  readonly dryRun?: true;
  /** True: the socket that is there. */
  readonly cri?: string | true;
  readonly pluginDir: string;
}

export function addGc({ command, finish }: Program): void {
  command
    .command("gc")
    .summary("remove what pods that are gone have left")
    .description(DESCRIPTION)
    .option("--dry-run", "say what would be removed, and remove nothing")
    .option("--cri [socket]", "also what the container runtime at this socket has no sandbox of")
    .option("--plugin-dir <folders>", "where delegated address plugins are", "/opt/cni/bin")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (_options, self) => {
      const options = allOptions<GcOptions>(self);
      const sandboxes = await askRuntime(options);
      using sockets = openSockets(OUTPUT);
      const folders = listPools(options.configDir);
      const garbage = findGarbage({ sockets, folders, facts: readNodeFacts(), ...sandboxes });
      const isDry = options.dryRun === true;
      const collecting = {
        ...OUTPUT,
        sockets,
        path: options.pluginDir.split(":"),
        configDir: options.configDir,
      };
      const collected = isDry ? foretell(garbage) : collectGarbage(garbage, collecting);
      print(options, garbage, collected);
      if (collected.some(({ problem }) => problem !== undefined)) finish(STATUS.failed);
    });
}

/** How long a sandbox may be in the making before its runtime lists it: a kubelet gives up after four minutes. */
const GRACE_MS = 5 * 60_000;

async function askRuntime({ cri }: GcOptions): Promise<Pick<Search, "sandboxes">> {
  if (cri === undefined) return {};
  const known = await listSandboxes(cri === true ? undefined : cri);
  return { sandboxes: { grace: GRACE_MS, has: (containerId) => known.has(containerId) } };
}

function foretell({ attachments, addresses }: Garbage): Collected[] {
  return [
    ...attachments.map(({ attachment, reason }) => ({ what: describeAttachment(attachment), reason })),
    ...addresses.map((stale) => ({ what: describeAddress(stale), reason: "nobody has it" })),
  ];
}

function print({ json, dryRun }: GcOptions, { unclear }: Garbage, collected: readonly Collected[]): void {
  const kept = unclear.map(describeAttachment);
  if (json === true) {
    printJson({ collected, kept });
    return;
  }
  const done = dryRun === true ? "would remove" : "removed";
  for (const { what, reason, problem } of collected)
    console.log(problem === undefined ? `${done} ${what}: ${reason}` : `failed ${what}: ${problem}`);
  for (const what of kept)
    console.log(`kept ${what}: it has no record, but its pod is there; delete the pod`);
  if (collected.length + kept.length === 0) console.log("nothing is left of pods that are gone");
}
