/** STATUS: whether an ADD could succeed now. */

import { formatAddress } from "../addr/address.ts";
import { delegate } from "../cni/delegate.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import { allocate, type Reservations } from "../ipam/allocate.ts";
import { readLastReserved } from "../ipam/store.ts";
import { ensureBridge, NotABridge } from "../link/bridge.ts";
import { getLink } from "../link/link.ts";
import { isErrno } from "../linux/error.ts";
import { isWritableFolder, listFolder } from "../linux/file.ts";
import { enterNewNetns } from "../linux/netns.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { decodeBridgeConfig } from "./config/bridge.ts";
import { decodeAddressing, type HostLocal } from "./config/ipam.ts";
import type { Output } from "./output.ts";
import { RECORD_ROOT } from "./record.ts";

/** @throws {CniError} 50 with every reason, 2 or 7 for the configuration, or a delegated plugin's own error */
export function status(request: Request, output: Output): void {
  const config = decodeBridgeConfig(request);
  const addressing = decodeAddressing(request);
  const pool = addressing.kind === "host-local" ? addressing : undefined;
  const reasons = [
    ...checkFolders([RECORD_ROOT, ...(pool === undefined ? [] : [pool.dataDir])], request.network),
    ...(pool === undefined ? [] : checkPool(pool, request.network)),
    ...checkBridge(config.bridge, output),
  ];
  if (reasons.length > 0) {
    const problem = `network "${request.network}" cannot take a pod now: ${reasons.join("; ")}`;
    throw new CniError(CNI_ERROR.notAvailable, problem, "mend what is named; ADD would fail");
  }
  if (addressing.kind === "delegate") delegate(addressing.plugin, "STATUS", request);
}

function checkFolders(roots: readonly string[], network: string): string[] {
  return roots
    .map((root) => `${root}/${network}`)
    .filter((folder) => !isWritableFolder(folder))
    .map((folder) => `folder ${folder} is not writable`);
}

/** Without the store's lock: a snapshot is enough, and STATUS must not wait for ADDs. */
function checkPool(pool: HostLocal, network: string): string[] {
  const folder = `${pool.dataDir}/${network}`;
  const names = new Set(listFolder(folder));
  const reservations: Reservations = {
    isTaken: (address) => names.has(formatAddress(address)),
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

/** Tries it in a namespace that dies with this process, where nothing of the host is touched. */
function checkBridge(ifname: string, output: Output): string[] {
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  const existing = getLink(host, ifname);
  if (existing !== undefined) return existing.kind === "bridge" ? [] : [new NotABridge(existing).message];
  try {
    enterNewNetns();
    using empty = NetlinkSocket.open(rtnetlink, { trace: output.trace });
    ensureBridge(empty, { ifname, mtu: 1500, isPromiscuous: false }, undefined);
    return [];
  } catch (error) {
    if (isErrno(error, "EOPNOTSUPP"))
      return ["this kernel has no bridge support (CONFIG_BRIDGE, module bridge)"];
    if (isErrno(error, "EPERM")) return ["the plugin lacks CAP_NET_ADMIN and CAP_SYS_ADMIN"];
    throw error;
  }
}
