/** `podwire install`: executable, links and configuration, where the container runtime looks for them. */

import { dirname, resolve } from "node:path";
import { runAgent } from "../../agent/agent.ts";
import { parseListen } from "../../agent/server.ts";
import { misused } from "../failure.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { collect, type Program } from "../program.ts";
import { type Change, install, planInstall } from "./install.ts";
import { RUNTIMES } from "./runtimes.ts";
import { requireMeantAddresses } from "./same-addresses.ts";
import { type Installation, type InstallOptions, toInstallation } from "./wanted.ts";

const DESCRIPTION = `Installs podwire on this node.

Puts the executable into the folder of plugins, links beside it that --link asks
for, or loopback where the runtime calls a plugin of that name and has none, and last the configuration list, which makes the runtime call it. Each file
is put in place whole, by rename: pods may start meanwhile. A configuration that
would not pass is refused. What was there before is kept in
<conf-dir>/podwire.d/former, and podwire uninstall restores it.

Without options the built-in configuration is installed: bridge cni0, pods in
10.244.0.0/16 and fd00:10:244::/64. Where a list is in place already, pods get
other addresses only if an option says which.`;

const EXAMPLES = `
Examples:
  podwire install --pod-cidr 10.244.1.0/24,fd00:10:244:1::/64
      as kubernetes gave them to this node: kubectl get node NAME -o jsonpath={.spec.podCIDRs}
  podwire install --dry-run --bridge pods0 --mtu 1450
      what would be changed
  podwire install --set ipMasq=false --set ipam.dataDir=/var/lib/pods
      any field of the configuration, by dotted path; a JSON value, or text
  podwire install --conf /etc/podwire.conflist --link net-script
      a configuration of your own, and a second name of the plugin
  podwire install --watch --listen unix:/run/podwire.sock
      also puts back what is changed or removed later; log lines go to standard error
  podwire install --runtime k3s
      folders of k3s, and what has to stand in its own configuration

Exit status: 0 all is in place, 1 refused or failed, 2 wrong arguments.`;

interface CommandOptions extends InstallOptions, OutputOptions {
  readonly dryRun?: true;
  readonly watch?: true;
  readonly listen: string;
}

export function addInstall({ command }: Program): void {
  const [first] = RUNTIMES;
  command
    .command("install")
    .summary("put podwire in place on this node")
    .description(DESCRIPTION)
    .option("--runtime <name>", `whose folders: ${RUNTIMES.map(({ name }) => name).join(", ")}`, first?.name)
    .option("--bin-dir <folder>", "where plugins are; default: the runtime's", toPath)
    .option("--conf-dir <folder>", "where configurations are; default: the runtime's", toPath)
    .option("--conf-name <name>", "file name of the configuration list", "10-podwire.conflist")
    .option("--conf <file>", "a configuration list of your own", toPath)
    .option("--pod-cidr <network>", "pods' addresses; two with a comma for dual stack", collect, [])
    .option("--bridge <ifname>", "name of the bridge")
    .option("--mtu <bytes>", "MTU of bridge and pods; 0: that of the default route's interface")
    .option("--set <key=value>", "another field of podwire's entry; may be given several times", keep, [])
    .option("--link <name>", "a second name of the plugin; may be given several times", collect, [])
    .option("--watch", "keep all of it in place until SIGTERM, and answer /healthz and /metrics")
    .option("--listen <address>", "with --watch: a local port, or unix:PATH", "127.0.0.1:9810")
    .option("--dry-run", "say what would be changed, and change nothing")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((options: CommandOptions) => (options.watch === true ? keepInstalled(options) : run(options)));
}

function run(options: CommandOptions): void {
  const installation = toInstallation(options);
  requireMeantAddresses(options, installation);
  const { confDir, wanted } = installation;
  const changes = options.dryRun === true ? planInstall(confDir, wanted) : install(confDir, wanted);
  if (options.json === true) printJson({ files: changes, warnings: installation.warnings });
  else console.log(describe(installation, changes, options.dryRun === true));
}

/** The agent: it sees the file of --conf change too, whether by rename or by the link of a mounted ConfigMap. */
async function keepInstalled(options: CommandOptions): Promise<void> {
  if (options.dryRun === true || options.json === true)
    throw misused("--watch: not with --dry-run or --json");
  const listen = parseListen(options.listen);
  if (listen === undefined)
    throw misused(`--listen ${options.listen}: want an address and port like 127.0.0.1:9810, or unix:PATH`);
  const installation = toInstallation(options);
  requireMeantAddresses(options, installation); // once: what somebody changes later is put back
  const { binDir, confDir } = installation;
  await runAgent({
    listen,
    configDir: `${confDir}/podwire.d`,
    path: [binDir],
    folders: [binDir, confDir, ...(options.conf === undefined ? [] : [dirname(options.conf)])],
    install: () => install(confDir, toInstallation(options).wanted),
    end: ended(),
  });
}

function ended(): Promise<string> {
  return new Promise((settle) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => settle(signal));
  });
}

/** Absolute: what is written down must not depend on where the command was called. */
function toPath(text: string): string {
  return resolve(text);
}

/** As it is: a JSON value may have commas. */
function keep(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
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
