/** `podwire install`: executable, links and configuration, where the container runtime looks for them. */

import type { AgentCommandOptions } from "../agent/run-agent.ts";
import type { Call } from "../command.ts";
import { misused } from "../failure.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { type Change, install, planInstall } from "./install.ts";
import { requireMeantAddresses } from "./same-addresses.ts";
import { type Installation, toInstallation } from "./wanted.ts";

export interface InstallCommandOptions extends AgentCommandOptions, OutputOptions {
  readonly dryRun?: true;
  readonly watch?: true;
}

export async function runInstall({ options }: Call<InstallCommandOptions>): Promise<void> {
  if (options.watch !== true) return installOnce(options);
  if (options.dryRun === true || options.json === true)
    throw misused("--watch: not with --dry-run or --json");
  const { runNodeAgent } = await import("../agent/run-agent.ts");
  await runNodeAgent(options);
}

function installOnce(options: InstallCommandOptions): void {
  const installation = toInstallation(options);
  requireMeantAddresses(options, installation);
  const { confDir, wanted } = installation;
  const changes = options.dryRun === true ? planInstall(confDir, wanted) : install(confDir, wanted);
  if (options.json === true) printJson({ files: changes, warnings: installation.warnings });
  else console.log(describe(installation, changes, options.dryRun === true));
}

const WORDS = {
  install: ["installed", "would install"],
  replace: ["replaced", "would replace"],
  unchanged: ["unchanged", "unchanged"],
} as const;

function describe({ runtime, warnings }: Installation, changes: readonly Change[], isDry: boolean): string {
  const lines = changes.map(({ path, action, kept }) => {
    const word = WORDS[action][isDry ? 1 : 0];
    return `${word.padEnd(isDry ? 14 : 10)} ${path}${kept === undefined ? "" : `, the former kept as ${kept}`}`;
  });
  return [
    ...lines,
    ...warnings.map((warning) => `warning: ${warning}`),
    "",
    `${runtime.name}:`,
    ...runtime.needs.map((line) => `  ${line}`),
  ].join("\n");
}
