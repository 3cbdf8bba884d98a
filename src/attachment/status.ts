/** STATUS: whether an ADD could succeed now. */

import { formatAddress } from "../addr/address.ts";
import { delegate } from "../cni/delegate.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import { allocate, type Reservations } from "../ipam/allocate.ts";
import { readLastReserved } from "../ipam/store.ts";
import { getLink, type RouteSocket } from "../link/link.ts";
import { isWritableFolder, listFolder } from "../linux/file.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { chainsUnawareOf, describeChain } from "../nftables/forward.ts";
import { CLAIMS_ROOT, lockClaims } from "../sriov/claims.ts";
import { type Chosen, chooseNetworks } from "./choice.ts";
import { type BridgeConfig, decodeBridgeConfig } from "./config/bridge.ts";
import { decodeAddressing, type HostLocal } from "./config/ipam.ts";
import { entryOfConfig } from "./entry.ts";
import { toCniError } from "./errors.ts";
import { keptBy } from "./named-pool.ts";
import type { Output } from "./output.ts";
import type { LinkPlan } from "./plan.ts";
import { planNamed } from "./plan-named.ts";
import { checkKernel } from "./probe.ts";
import { RECORD_ROOT } from "./record.ts";
import { requireUplink, whyNoPort } from "./uplink.ts";
import { pickVf } from "./vf-choice.ts";

/** @throws {CniError} 50 with every reason, 2 or 7 for the configuration, or a delegated plugin's own error */
export function status(request: Request, output: Output): void {
  const chosen = chooseNetworks(request);
  const reasons = chosen === undefined ? ownBridge(request, output) : named(request, chosen, output);
  if (reasons.length > 0) {
    const problem = `network "${request.network}" cannot take a pod now: ${reasons.join("; ")}`;
    throw new CniError(CNI_ERROR.notAvailable, problem, "mend what is named; ADD would fail");
  }
  const addressing = chosen === undefined ? decodeAddressing(request) : undefined;
  if (addressing?.kind === "delegate") delegate(addressing.plugin, "STATUS", request);
}

function ownBridge(request: Request, output: Output): string[] {
  const config = decodeBridgeConfig(request);
  const addressing = decodeAddressing(request);
  const pool = addressing.kind === "host-local" ? addressing : undefined;
  return [
    ...checkFolders(request.network, pool),
    ...(pool === undefined ? [] : checkPool(pool)),
    ...checkForwarding(config, pool, output),
    ...checkKernel(request, config, addressing, output),
  ];
}

/** The default network, or the one of the configuration. */
function named(request: Request, chosen: readonly Chosen[], { trace }: Output): string[] {
  using host = NetlinkSocket.open(rtnetlink, { trace });
  return planNamed(request, chosen).flatMap(({ addressing, link, chosen: one }) => {
    const pool = addressing.kind === "host-local" ? addressing : undefined;
    const { name = "", minBandwidthMbps: minMbps = 0 } = { ...one?.tier, name: one?.network.name };
    return [
      ...checkFolders(request.network, pool),
      ...[...(pool === undefined ? [] : checkPool(pool)), ...checkLink(link, minMbps, host)].map(
        (reason) => `network "${name}": ${reason}`,
      ),
    ];
  });
}

/** Uplink or virtual function that the next pod would get. */
function checkLink(link: LinkPlan, minMbps: number, host: RouteSocket): string[] {
  try {
    if (link.kind === "sriov") {
      using lock = lockClaims(CLAIMS_ROOT);
      pickVf(link, minMbps, { host, lock });
    } else if (link.uplink !== undefined) {
      const uplink = requireUplink(link.uplink.uplink, getLink(host, link.uplink.uplink));
      const reason = link.kind === "bridge" ? whyNoPort(host, uplink, link.bridge) : undefined;
      return reason === undefined ? [] : [`uplink "${uplink.ifname}" ${reason}`];
    }
    return [];
  } catch (error) {
    return [toCniError(error).message];
  }
}

function checkFolders(network: string, pool: HostLocal | undefined): string[] {
  const folders = [
    `${RECORD_ROOT}/${network}`,
    ...(pool === undefined ? [] : [`${pool.dataDir}/${pool.network}`]),
  ];
  return folders
    .filter((folder) => !isWritableFolder(folder))
    .map((folder) => `folder ${folder} is not writable`);
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
  return pool.sets.flatMap((set) => {
    try {
      allocate([set], [], reservations);
      return [];
    } catch (error) {
      return [`${(error as Error).message}`];
    }
  });
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
