/** The command line: what a person at a node runs. */

import { Command, CommanderError } from "commander";
import { addRepair } from "./repair.ts";
import { versionText } from "./version.ts";

const DESCRIPTION = `Gives containers their network: a CNI plugin in one executable.

A container runtime runs podwire with CNI_COMMAND set and a configuration on
standard input. Put it into /opt/cni/bin and a configuration list into
/etc/cni/net.d; nothing else is needed on the node.`;

const EXAMPLES = `
Examples:
  podwire --version
      version, commit and the CNI versions that it speaks
  CNI_COMMAND=VERSION podwire < /dev/null
      the same as a runtime asks for it
  CNI_PATH=/opt/cni/bin NETCONFPATH=/etc/cni/net.d cnitool add mynet /run/netns/pod
      attach a network namespace by hand
  PODWIRE_NETLINK_DEBUG=1
      in the environment of a plugin call: print every netlink message to standard error

Exit status: 0 done, 1 failed, 2 called with wrong arguments.`;

const USAGE_ERROR = 2;

/** @returns the exit status */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const program = new Command("podwire")
    .description(DESCRIPTION)
    .version(versionText(), "-V, --version", "print version, commit and CNI versions")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments()
    .exitOverride();
  program.action(() => {
    const [unknown] = program.args;
    if (unknown === undefined) program.outputHelp();
    else program.error(`error: unknown command "${unknown}"; podwire --help lists what there is`);
  });
  let status = 0;
  addRepair(program, (result) => {
    status = result;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : USAGE_ERROR;
  }
}
