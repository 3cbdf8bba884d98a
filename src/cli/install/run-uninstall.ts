/** `podwire uninstall`: takes away what `podwire install` put in place. */

import { describeAttachment } from "../../attachment/attachment.ts";
import { listRecords } from "../../attachment/record/list.ts";
import { leaveCluster } from "../../cluster/leave.ts";
import { readStatus } from "../../cluster/status.ts";
import type { Call } from "../command.ts";
import { refused, STATUS } from "../failure.ts";
import { enumerate } from "../format.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { planUninstall, type Undone, uninstall } from "./uninstall.ts";
import { directoriesOf } from "./wanted.ts";

const NAMED_AT_MOST = 3;

export interface UninstallOptions extends OutputOptions {
  readonly runtime: string;
  readonly confDir?: string;
  readonly force?: true;
  readonly dryRun?: true;
}

export function runUninstall({ options, finish }: Call<UninstallOptions>): void {
  const { confDir } = directoriesOf(options);
  const force = options.force === true;
  const isDry = options.dryRun === true;
  if (!force && !isDry) requireNoAttachments();
  const undone = isDry ? planUninstall(confDir, force) : uninstall(confDir, force);
  const left = isDry ? readStatus() !== undefined : leaveCluster();
  if (options.json === true) printJson({ files: undone, cluster: left });
  else console.log(describe(undone, left, isDry));
  finish(undone.some(({ action }) => action === "left") ? STATUS.failed : STATUS.done);
}

function requireNoAttachments(): void {
  const records = listRecords();
  if (records.length === 0) return;
  throw refused(
    `pods are attached: ${enumerate(records.map(describeAttachment), NAMED_AT_MOST)}`,
    "drain the node first, or insist with --force: podwire's rules and interfaces of them stay then",
  );
}

const WORDS = {
  remove: ["removed", "would remove"],
  restore: ["restored", "would restore"],
  gone: ["gone already", "gone already"],
  left: ["left", "would leave"],
} as const;

function describe(undone: readonly Undone[], hasLeft: boolean, isDry: boolean): string {
  const word = (action: Undone["action"]) => WORDS[action][isDry ? 1 : 0].padEnd(13);
  const lines = undone.map(({ path, action }) => {
    const why = action === "left" ? ": somebody has changed it; --force removes it" : "";
    return `${word(action)} ${path}${why}`;
  });
  if (hasLeft) lines.push(`${word("remove")} routes and tunnels to other nodes of the cluster`);
  return lines.length === 0 ? "nothing is installed here" : lines.join("\n");
}
