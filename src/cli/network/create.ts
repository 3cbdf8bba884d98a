/** `podwire network create`: a network in one file, held against the node and all that is there already. */

import { SYSFS } from "../../linux/sysfs.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { ConfigLock, createNetwork, setDefaultNetwork } from "../../network/files/write-files.ts";
import type { Network } from "../../network/model.ts";
import { findOverlap } from "../../network/overlap.ts";
import { runtimeDirectoryOf } from "../../node/configurations.ts";
import { tryOnFreeVf } from "../../node/try-vf.ts";
import { listPfs } from "../../sriov/sysfs.ts";
import type { Call, GlobalOptions } from "../command.ts";
import { misused, refused } from "../failure.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { CREATE_EXAMPLE } from "./create-example.ts";
import { withAttach } from "./default-attach.ts";
import { type CreateOptions, toNetwork } from "./document.ts";
import { requireFit, requireShareable } from "./fit.ts";
import { readSurroundings } from "./pod-networks.ts";
import { requireAllNetworks } from "./require.ts";
import { NETWORK_VIEW, withUsage } from "./view.ts";

export interface CreateCommandOptions extends CreateOptions, OutputOptions {
  readonly setDefault?: true;
  readonly dryRun?: true;
}

type CreateArgs = [name: string | undefined];

export function createNamedNetwork({ args: [name], options }: Call<CreateCommandOptions, CreateArgs>): void {
  if (name === undefined) throw misused(`example usage - ${CREATE_EXAMPLE}`);
  create(name, options);
}

function create(name: string, options: CreateCommandOptions & GlobalOptions): void {
  const { configDir } = options;
  using socket = NetlinkSocket.open(rtnetlink);
  const pfs = listPfs(SYSFS);
  const network = toNetwork(name, withAttach(options, pfs));
  using _lock = options.dryRun === true ? undefined : ConfigLock.take(configDir);
  requireFree(configDir, network);
  requireFit(network, { socket, pfs });
  for (const { pf } of tryOnFreeVf(socket, network))
    console.error(`warning: ${pf} has no free VF to try the settings on: pods will tell`);
  if (options.dryRun !== true) {
    createNetwork(configDir, network);
    if (options.setDefault === true) setDefaultNetwork(configDir, name);
  }
  for (const listed of withUsage(configDir, [network])) printOne(options, NETWORK_VIEW, listed);
  if (options.dryRun === true) console.error("nothing was written: --dry-run");
}

/** @throws {Failure} the name or the addresses are taken */
function requireFree(configDir: string, network: Network): void {
  const { name } = network;
  const others = requireAllNetworks(configDir);
  if (others.some((other) => other.name === name)) {
    throw refused(
      `there is a network "${name}" already`,
      `podwire network get ${name} shows it; choose another name`,
    );
  }
  requireApart(configDir, network, others);
  requireShareable(network, others);
}

/** @throws {Failure} the addresses are taken */
export function requireApart(configDir: string, network: Network, others: readonly Network[]): void {
  const { occupied, warnings } = readSurroundings(runtimeDirectoryOf(configDir));
  for (const warning of warnings) console.error(`warning: ${warning}`);
  const overlap = findOverlap(network, others, occupied);
  if (overlap === undefined) return;
  throw refused(
    `network "${network.name}" ${overlap}`,
    "choose other addresses: podwire network list shows what is taken",
  );
}
