/** `podwire install`: executable, links and configuration, where the container runtime looks for them. */

import { dirname } from "node:path";
import { runAgent } from "../../agent/agent.ts";
import { parseListen } from "../../agent/server.ts";
import type { Call } from "../command.ts";
import { misused } from "../failure.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { type Change, install, planInstall } from "./install.ts";
import { requireMeantAddresses } from "./same-addresses.ts";
import { type Installation, type InstallOptions, toInstallation } from "./wanted.ts";

export interface InstallCommandOptions extends InstallOptions, OutputOptions {
  readonly dryRun?: true;
  readonly watch?: true;
  readonly listen: string;
  /** False by --no-repair. */
  readonly repair: boolean;
  readonly gcInterval: string;
}

export async function runInstall({ options }: Call<InstallCommandOptions>): Promise<void> {
  await (options.watch === true ? keepInstalled(options) : installOnce(options));
}

function installOnce(options: InstallCommandOptions): void {
  const installation = toInstallation(options);
  requireMeantAddresses(options, installation);
  const { confDir, wanted } = installation;
  const changes = options.dryRun === true ? planInstall(confDir, wanted) : install(confDir, wanted);
  if (options.json === true) printJson({ files: changes, warnings: installation.warnings });
  else console.log(describe(installation, changes, options.dryRun === true));
}

/** The agent: it sees the file of --conf change too, whether by rename or by the link of a mounted ConfigMap. */
async function keepInstalled(options: InstallCommandOptions): Promise<void> {
  if (options.dryRun === true || options.json === true)
    throw misused("--watch: not with --dry-run or --json");
  const listen = parseListen(options.listen);
  if (listen === undefined)
    throw misused(`--listen ${options.listen}: want an address and port like 127.0.0.1:9810, or unix:PATH`);
  const gcInterval = toSeconds(options.gcInterval);
  const installation = toInstallation(options);
  requireMeantAddresses(options, installation); // once: what somebody changes later is put back
  const { binDir, confDir, configDir } = installation;
  await runAgent({
    listen,
    repair: options.repair,
    gcInterval,
    configDir,
    confDir,
    path: [binDir],
    directories: [binDir, confDir, ...(options.conf === undefined ? [] : [dirname(options.conf)])],
    install: () => install(confDir, toInstallation(options).wanted),
    end: ended(),
  });
}

const LONGEST_INTERVAL = 86_400;

function toSeconds(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= LONGEST_INTERVAL) return Number(text);
  throw misused(`--gc-interval ${text}: want a number of seconds up to ${LONGEST_INTERVAL}, 0 for never`);
}

function ended(): Promise<string> {
  return new Promise((settle) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => settle(signal));
  });
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
