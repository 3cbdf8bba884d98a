/** `podwire network get`: one network with all that its file says. */

import { formatAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { describeAttach } from "../../network/format/attach/kinds.ts";
import type { Network } from "../../network/model.ts";
import type { Call } from "../command.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { formatTable } from "../table.ts";
import { requireNetwork } from "./require.ts";
import { NETWORK_VIEW, withUsage } from "./view.ts";

const HEADERS = ["SUBNET", "END ADDRESS", "ATTACH", "INTERFACE", "VFS", "DRIVER", "MTU"];

export function getNetwork({ args: [name], options }: Call<OutputOptions, [name: string]>): void {
  const network = requireNetwork(options.configDir, name);
  for (const listed of withUsage(options.configDir, [network])) printOne(options, NETWORK_VIEW, listed);
  if (options.json !== true) console.log(`\n${formatTable(HEADERS, [toRow(network)])}`);
}

function toRow({ ranges, attach, mtu }: Network): string[] {
  const { interfaces, vfs, driver } = describeAttach(attach);
  return [
    ranges.map(({ subnet }) => formatPrefix(subnet)).join(","),
    ranges.map(({ end }) => formatAddress(end)).join(","),
    attach.kind,
    interfaces.join(","),
    vfs,
    driver,
    mtu === undefined ? "" : String(mtu),
  ];
}
