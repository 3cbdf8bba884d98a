/** `podwire network list`: every network, or those of one type. */

import { listNetworks } from "../../network/files/read-files.ts";
import type { Network } from "../../network/model.ts";
import type { Call } from "../command.ts";
import { describeFailure, STATUS, toFailure } from "../failure.ts";
import { type OutputOptions, printList } from "../print.ts";
import { isPublic, NETWORK_VIEW, withUsage } from "./view.ts";

export interface ListOptions extends OutputOptions {
  readonly type?: string;
}

export function listAllNetworks({ options, finish }: Call<ListOptions>): void {
  const { networks, faults } = listNetworks(options.configDir);
  const wanted = networks.filter((network) => options.type === undefined || isOfType(network, options.type));
  printList(options, NETWORK_VIEW, withUsage(options.configDir, wanted));
  for (const fault of faults) console.error(describeFailure(toFailure(fault)));
  if (faults.length > 0) finish(STATUS.failed);
}

function isOfType(network: Network, type: string): boolean {
  return network.type === type || type === (isPublic(network) ? "public" : "private");
}
