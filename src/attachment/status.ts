/** STATUS: whether an ADD could succeed now. */

import { formatAddress } from "../addr/address.ts";
import { delegate } from "../cni/delegate.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { BridgeConfig } from "../cni/netconf/bridge.ts";
import type { Request } from "../cni/request.ts";
import { allocate, type Reservations } from "../ipam/allocate.ts";
import type { RangeSet } from "../ipam/range.ts";
import { readLastReserved } from "../ipam/store.ts";
import { isWritableFolder, listFolder } from "../linux/file.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { describeChain } from "../nftables/forward.ts";
import { chainsUnawareOf } from "../nftables/unaware.ts";
import { listDeadAddresses } from "./dead-holders.ts";
import { entryOfConfig } from "./entry.ts";
import type { Output } from "./output.ts";
import { type HostLocal, planAddressing } from "./plan/ipam.ts";
import { keptBy } from "./plan/named-pool.ts";
import { checkKernel } from "./probe.ts";
import { RECORD_ROOT } from "./record.ts";
import { checkNamed } from "./status-named.ts";

/** @throws {CniError} 50 with every reason, 2 or 7 for the configuration, or a delegated plugin's own error */
export function status(request: Request, output: Output): void {
  const named = checkNamed(request, checkPool, output);
  const reasons = [
    ...checkFolder(`${RECORD_ROOT}/${request.network}`),
    ...(named ?? ownBridge(request, output)),
  ];
  if (reasons.length > 0) {
    const problem = `network "${request.network}" cannot take a pod now: ${reasons.join("; ")}`;
    throw new CniError(CNI_ERROR.notAvailable, problem, "mend what is named; ADD would fail");
  }
  const addressing = named === undefined ? planAddressing(request) : undefined;
  if (addressing?.kind === "delegate") delegate(addressing.plugin, "STATUS", request);
}

function ownBridge(request: Request, output: Output): string[] {
  const config = request.netconf.bridge;
  const addressing = planAddressing(request);
  const pool = addressing.kind === "host-local" ? addressing : undefined;
  return [
    ...(pool === undefined ? [] : checkPool(pool)),
    ...checkForwarding(config, pool, output),
    ...checkKernel(request, config, addressing, output),
  ];
}

function checkFolder(folder: string): string[] {
  return isWritableFolder(folder) ? [] : [`folder ${folder} is not writable`];
}

/** Without the store's lock: a snapshot is enough, and STATUS must not wait for ADDs. */
function checkPool(pool: HostLocal): string[] {
  const folder = `${pool.dataDir}/${pool.network}`;
  const isKept = keptBy(pool);
  const names = new Set(listFolder(folder));
  const reservations: Reservations = {
    isTaken: (address) => names.has(formatAddress(address)) || isKept(address),
    lastReserved: (setIndex) => readLastReserved(folder, setIndex),
  };
  const listShortages = () => pool.sets.flatMap((set) => shortageOf(set, reservations) ?? []);
  let shortages = listShortages();
  if (shortages.length > 0) {
    for (const name of listDeadAddresses(pool)) names.delete(name);
    shortages = listShortages();
  }
  return [...checkFolder(folder), ...shortages];
}

function shortageOf(set: RangeSet, reservations: Reservations): string | undefined {
  try {
    allocate([set], [], reservations);
    return undefined;
  } catch (error) {
    return `${(error as Error).message}`;
  }
}

/** Another program's policy that would drop what pods send to the world. */
function checkForwarding(config: BridgeConfig, pool: HostLocal | undefined, { trace }: Output): string[] {
  if (!config.isGateway || config.forward) return [];
  const networks = (pool?.sets ?? []).flat().map(({ subnet }) => subnet);
  using lazy = new LazySocket(netfilter, { trace });
  const socket = lazy.getIfSupported();
  const chains = socket === undefined ? [] : chainsUnawareOf(socket, entryOfConfig(config).ifname, networks);
  return chains.map(
    (chain) => `${describeChain(chain)} drops what pods send through the node: set "forward": true`,
  );
}
