/** `podwire network list`: every network, or those of one type. */

import { listNetworks } from "../../network/files/read-files.ts";
import type { Network } from "../../network/model.ts";
import { describeFailure, STATUS, toFailure } from "../failure.ts";
import { type OutputOptions, printList } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { isPublic, NETWORK_VIEW, withUsage } from "./view.ts";

const DESCRIPTION = `Lists the networks of this node.

TOTAL counts the addresses of the range, USED those that pods have or endpoints
keep. A network with a gateway is public, one without is private. Two values with
a comma between them are those of an IPv4 and an IPv6 range.`;

const EXAMPLES = `
Examples:
  podwire network list
  podwire network list --type storage
      those that were made with --type storage
  podwire network list --json | jq -r '.[] | select(.isDefault).name'
      the name of the default network

Exit status: 0 done, 1 a file could not be read (standard error says which), 2 wrong arguments.`;

interface ListOptions extends OutputOptions {
  readonly type?: string;
}

export function addList({ command, finish }: Program): void {
  command
    .command("list")
    .summary("list networks")
    .description(DESCRIPTION)
    .option("--type <type>", "only networks of this type; also public, private")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((_options, self) => {
      const options = allOptions<ListOptions>(self);
      const { networks, faults } = listNetworks(options.configDir);
      const wanted = networks.filter(
        (network) => options.type === undefined || isOfType(network, options.type),
      );
      printList(options, NETWORK_VIEW, withUsage(options.configDir, wanted));
      for (const fault of faults) console.error(describeFailure(toFailure(fault)));
      if (faults.length > 0) finish(STATUS.failed);
    });
}

function isOfType(network: Network, type: string): boolean {
  return network.type === type || type === (isPublic(network) ? "public" : "private");
}
