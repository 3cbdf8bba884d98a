/** All commands with their options and texts; what runs them, completes them and documents them reads it here. */

import { resolve } from "node:path";
import { Command } from "commander";
import { CONFIG_DIR } from "../network/files/read-files.ts";
import { addAddresses } from "./addresses/command.ts";
import { addAttachments } from "./attachment/list.ts";
import { addAttachment } from "./attachment/show.ts";

import { addCompletion } from "./completion/command.ts";
import { addDoctor } from "./doctor/command.ts";

import { addEndpoint } from "./endpoint/command.ts";
import { addGc } from "./gc/command.ts";
import { addInstall } from "./install/command.ts";
import { addUninstall } from "./install/uninstall-command.ts";
import { addMan } from "./man/command.ts";
import { addNetwork } from "./network/command.ts";
import { addPerfTier } from "./perf-tier/command.ts";
import { addRelease } from "./release.ts";
import { addRepair } from "./repair.ts";
import { addTrace } from "./trace/command.ts";
import { versionText } from "./version.ts";
import { addVf } from "./vf/command.ts";

const DESCRIPTION = `Gives containers their network: a CNI plugin in one executable.

A container runtime runs podwire with CNI_COMMAND set and a configuration on
standard input. "podwire install" puts it and a configuration list in place;
nothing else is needed on the node.`;

const EXAMPLES = `
Examples:
  podwire network list
      the networks that pods can ask for by name
  podwire --version
      version, commit and the CNI versions that it speaks
  CNI_COMMAND=VERSION podwire < /dev/null
      the same as a runtime asks for it
  CNI_PATH=/opt/cni/bin NETCONFPATH=/etc/cni/net.d cnitool add mynet /run/netns/pod
      attach a network namespace by hand
  PODWIRE_NETLINK_DEBUG=1
      in the environment of a plugin call: print every netlink message to standard error

Exit status: 0 done, 1 failed, 2 called with wrong arguments.`;

/** In the order of the help. */
const COMMANDS = [
  addAttachments,
  addAttachment,
  addTrace,
  addAddresses,
  addRelease,
  addGc,
  addRepair,
  addDoctor,
  addNetwork,
  addPerfTier,
  addEndpoint,
  addVf,
  addInstall,
  addUninstall,
  addCompletion,
  addMan,
];

/** @param finish takes the exit status of a command that ends without an error */
export function createProgram(finish: (status: number) => void): Command {
  const program = new Command("podwire")
    .description(DESCRIPTION)
    .version(versionText(), "-V, --version", "print version, commit and CNI versions")
    .option(
      "--config-dir <folder>",
      "where networks, tiers and endpoints are",
      (path) => resolve(path),
      CONFIG_DIR,
    )
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments()
    .exitOverride();
  program.action(() => {
    const [unknown] = program.args;
    if (unknown === undefined) program.outputHelp();
    else program.error(`error: unknown command "${unknown}"; podwire --help lists what there is`);
  });
  for (const add of COMMANDS) add({ command: program, finish });
  return program;
}
