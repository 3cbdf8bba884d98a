/** Options that several commands have. */

import { CONFIG_DIR } from "../network/files/read-files.ts";
import type { Option, ValueOption } from "./command.ts";
import { RUNTIMES } from "./install/runtimes.ts";

/** Of every command. */
export const HELP_OPTION: Option = { flags: "-h, --help", description: "display help for command" };

/** Of the program alone. */
export const VERSION_OPTION: Option = {
  flags: "-V, --version",
  description: "print version, commit and CNI versions",
};

/** Of the program, and understood behind every command. */
export const CONFIG_DIR_OPTION: ValueOption = {
  flags: "--config-dir",
  value: "<directory>",
  values: "directory",
  reads: "path",
  fallback: CONFIG_DIR,
  description: "directory of networks, tiers and endpoints",
};

export const JSON_OPTION: Option = { flags: "--json", description: "print JSON" };

export const YES_OPTION: Option = { flags: "-y, --yes", description: "do not ask" };

export const DEFAULT_PLUGIN_DIR = "/opt/cni/bin";

/** Where address plugins are that a removal delegates to. */
export const PLUGIN_DIR_OPTION: ValueOption = {
  flags: "--plugin-dir",
  value: "<directories>",
  values: "directory",
  fallback: DEFAULT_PLUGIN_DIR,
  description: "directories of delegated address plugins",
};

export const LABELS_OPTION: ValueOption = {
  flags: "-l, --labels",
  value: "<key=value>",
  values: "anything",
  reads: "list",
  description: "labels; several with commas, or repeat the option",
};

export const RUNTIME_OPTION: ValueOption = {
  flags: "--runtime",
  value: "<name>",
  values: RUNTIMES.map(({ name }) => name),
  fallback: RUNTIMES[0]?.name ?? "",
  description: `whose directories to use: ${RUNTIMES.map(({ name }) => name).join(", ")}`,
};

export const CONF_DIR_OPTION: ValueOption = {
  flags: "--conf-dir",
  value: "<directory>",
  values: "directory",
  reads: "path",
  description: "directory of configuration lists; default: the runtime's",
};
