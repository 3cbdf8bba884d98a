/** `podwire uninstall`: takes away what `podwire install` put in place. */

import { resolve } from "node:path";
import { describeAttachment } from "../../attachment/attachment.ts";
import { listRecords } from "../../attachment/record/list.ts";
import { refused, STATUS } from "../failure.ts";
import { enumerate } from "../format.ts";
import { type OutputOptions, printJson } from "../print.ts";
import type { Program } from "../program.ts";
import { RUNTIMES } from "./runtimes.ts";
import { planUninstall, type Undone, uninstall } from "./uninstall.ts";
import { foldersOf } from "./wanted.ts";

const DESCRIPTION = `Takes away what podwire install put in place: the configuration first, then
links and executable. What was there before comes back.

Refused while pods are attached: without the executable nobody could detach
them. A file that somebody has changed since it was installed is left alone.
Networks by name, reservations and records are not touched.`;

const EXAMPLES = `
Examples:
  podwire uninstall --dry-run
      what would be removed, and what would come back
  podwire uninstall
  podwire uninstall --force
      also while pods are attached, and files that were changed

Exit status: 0 done, 1 refused or something was left, 2 wrong arguments.`;

const NAMED_AT_MOST = 3;

interface CommandOptions extends OutputOptions {
  readonly runtime: string;
  readonly confDir?: string;
  readonly force?: true;
  readonly dryRun?: true;
}

export function addUninstall({ command, finish }: Program): void {
  const [first] = RUNTIMES;
  command
    .command("uninstall")
    .summary("take away what podwire install put in place")
    .description(DESCRIPTION)
    .option("--runtime <name>", `whose folders: ${RUNTIMES.map(({ name }) => name).join(", ")}`, first?.name)
    .option("--conf-dir <folder>", "where configurations are; default: the runtime's", (text) =>
      resolve(text),
    )
    .option("--force", "also while pods are attached, and files that were changed")
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((options: CommandOptions) => {
      const { confDir } = foldersOf(options);
      const force = options.force === true;
      const isDry = options.dryRun === true;
      if (!force && !isDry) requireNoAttachments();
      const undone = isDry ? planUninstall(confDir, force) : uninstall(confDir, force);
      if (options.json === true) printJson({ files: undone });
      else console.log(describe(undone, isDry));
      finish(undone.some(({ action }) => action === "left") ? STATUS.failed : STATUS.done);
    });
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

function describe(undone: readonly Undone[], isDry: boolean): string {
  if (undone.length === 0) return "nothing is installed here";
  return undone
    .map(({ path, action }) => {
      const why = action === "left" ? ": somebody has changed it; --force removes it" : "";
      return `${WORDS[action][isDry ? 1 : 0].padEnd(13)} ${path}${why}`;
    })
    .join("\n");
}
