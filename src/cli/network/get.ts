/** `podwire network get`: one network with all that its file says. */

import { formatAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { formatVfRanges } from "../../network/format/vf-ranges.ts";
import type { Network } from "../../network/model.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { formatTable } from "../table.ts";
import { requireNetwork } from "./require.ts";
import { NETWORK_VIEW, withUsage } from "./view.ts";

const DESCRIPTION = `Shows one network: its row of the list, and how pods are attached to it.`;

const EXAMPLES = `
Examples:
  podwire network get web
  podwire network get web --json
      as in its file, with "isDefault", "isPublic" and "usage" for each range

Exit status: 0 done, 1 there is none of that name, or its file is wrong, 2 wrong arguments.`;

const HEADERS = ["SUBNET", "END ADDRESS", "ATTACH", "INTERFACE", "VFS", "DRIVER", "MTU"];

export function addGet({ command }: Program): void {
  command
    .command("get <name>")
    .summary("show one network")
    .description(DESCRIPTION)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((name: string, _options, self) => {
      const options = allOptions<OutputOptions>(self);
      const network = requireNetwork(options.configDir, name);
      for (const listed of withUsage(options.configDir, [network])) printOne(options, NETWORK_VIEW, listed);
      if (options.json !== true) console.log(`\n${formatTable(HEADERS, [toRow(network)])}`);
    });
}

function toRow({ ranges, attach, mtu }: Network): string[] {
  const isSriov = attach.kind === "sriov";
  return [
    ranges.map(({ subnet }) => formatPrefix(subnet)).join(","),
    ranges.map(({ end }) => formatAddress(end)).join(","),
    attach.kind,
    isSriov ? attach.pfs.join(",") : attach.uplink,
    isSriov && attach.vfs !== undefined ? formatVfRanges(attach.vfs) : "",
    isSriov ? attach.driver : "",
    mtu === undefined ? "" : String(mtu),
  ];
}
