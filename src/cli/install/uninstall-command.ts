/** `podwire uninstall`: removes what `podwire install` installed. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { CONF_DIR_OPTION, JSON_OPTION, RUNTIME_OPTION } from "../options.ts";
import type { UninstallOptions } from "./run-uninstall.ts";

export const UNINSTALL: Command<UninstallOptions> = {
  name: "uninstall",
  summary: "remove podwire from this node",
  description: paragraphs(`Removes what podwire install installed: the configuration first, then links and
executable. Files that were there before are restored. Routes and tunnels to other
nodes of a cluster go as well.

Refused while pods are attached: without the executable nobody could detach
them. A file that was changed since it was installed is left alone. Networks by
name, reservations and records are not touched.`),
  options: [
    RUNTIME_OPTION,
    CONF_DIR_OPTION,
    { flags: "--force", description: "even while pods are attached; also remove changed files" },
    { flags: "--dry-run", description: "print what would be done, and do nothing" },
    JSON_OPTION,
  ],
  examples: [
    ["podwire uninstall --dry-run", "what would be removed, and what would be restored"],
    ["podwire uninstall"],
    ["podwire uninstall --force", "even while pods are attached; also remove changed files"],
  ],
  exitStatus: { 0: "done", 1: "refused or something was left", 2: "wrong arguments" },
  run: async (call) => (await import("./run-uninstall.ts")).runUninstall(call),
};
