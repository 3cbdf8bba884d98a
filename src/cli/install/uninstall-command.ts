/** `podwire uninstall`: takes away what `podwire install` put in place. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { CONF_DIR_OPTION, JSON_OPTION, RUNTIME_OPTION } from "../options.ts";
import type { UninstallOptions } from "./run-uninstall.ts";

export const UNINSTALL: Command<UninstallOptions> = {
  name: "uninstall",
  summary: "take away what podwire install put in place",
  description: paragraphs(`Takes away what podwire install put in place: the configuration first, then
links and executable. What was there before comes back.

Refused while pods are attached: without the executable nobody could detach
them. A file that somebody has changed since it was installed is left alone.
Networks by name, reservations and records are not touched.`),
  options: [
    RUNTIME_OPTION,
    CONF_DIR_OPTION,
    { flags: "--force", description: "also while pods are attached, and files that were changed" },
    { flags: "--dry-run", description: "say what would be done, and do nothing" },
    JSON_OPTION,
  ],
  examples: [
    ["podwire uninstall --dry-run", "what would be removed, and what would come back"],
    ["podwire uninstall"],
    ["podwire uninstall --force", "also while pods are attached, and files that were changed"],
  ],
  exitStatus: { 0: "done", 1: "refused or something was left", 2: "wrong arguments" },
  run: async (call) => (await import("./run-uninstall.ts")).runUninstall(call),
};
