/** The pod's addresses: reserved in our own store, or by a delegated plugin. */

import { formatAddress } from "../../addr/address.ts";
import { delegate, delegateAdd, presenceOf } from "../../cni/delegate.ts";
import { EMPTY_RESULT, type Result } from "../../cni/result.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { isHeldBy } from "../../ipam/owner.ts";
import { releaseOwned } from "../../ipam/release.ts";
import { parseResolvConf } from "../../ipam/resolv-conf.ts";
import { IpamStore } from "../../ipam/store.ts";
import { readTextFile } from "../../linux/file.ts";
import { releaseReservations } from "../leftovers/reservations.ts";
import type { HostLocalDirectory } from "../plan/ipam.ts";
import { completeAddressing, ownIps, type PodAddressing } from "../plan/pod-addressing.ts";
import { recordedAddresses } from "../record/from-plan.ts";
import { extendRecord } from "../record/store.ts";
import type { AddContext, CheckContext, Choice, RemovalContext } from "./step.ts";

export const reserveAddresses = {
  name: "reserveAddresses",

  /** None where there is no address management. */
  add(context: AddContext): PodAddressing {
    const { addressing, config } = context.plan;
    if (addressing.kind === "none") return { ips: [], routes: [], dns: config.dns ?? {} };
    if (addressing.kind === "host-local") return completeAddressing(reserve(context), config);
    const given = completeAddressing(addByPlugin(addressing.plugin, context), config);
    extendRecord(context.claim.recordFd, recordedAddresses(given));
    return given;
  },

  check(context: CheckContext): string[] {
    const { addressing } = context.wanted;
    if (addressing.kind === "none") return [];
    if (addressing.kind === "host-local") return checkReservations(addressing, context);
    if (context.call !== undefined) delegate(addressing.plugin, "CHECK", context.call);
    return [];
  },

  del(removal: RemovalContext): void {
    const { addressing } = removal;
    if (addressing.kind === "host-local") release(addressing, removal);
    if (addressing.kind === "delegate") releaseByPlugin(addressing, removal);
    if (removal.record === undefined) releaseReservations(removal.attachment, removal.report);
  },
};

/**
 * Without a record no ADD of ours went through: then a plugin that is not there has nothing to take back. One that is
 * this executable never has.
 */
function releaseByPlugin(
  { plugin, netconf }: { plugin: string; netconf: string },
  removal: RemovalContext,
): void {
  const { record, delegation, report } = removal;
  const presence = presenceOf(plugin, delegation.path);
  if (presence === "itself" || (presence === "missing" && record === undefined)) {
    const reason = presence === "itself" ? "is this plugin itself" : "is not in CNI_PATH";
    report(`ignored on removal: plugin "${plugin}" ${reason}`);
  } else {
    delegate(plugin, "DEL", { ...delegation, stdin: netconf });
  }
}

function addByPlugin(plugin: string, { call }: AddContext): Result {
  const result = delegateAdd(plugin, call);
  if (result.ips.length > 0) return result;
  throw new CniError(
    CNI_ERROR.delegate,
    `plugin "${plugin}" gave no address`,
    "correct its configuration in ipam",
  );
}

function reserve({ claim, plan }: AddContext): Result {
  if (claim.choice === undefined) return EMPTY_RESULT;
  const { store, pool, allocations } = claim.choice;
  try {
    const dns = pool.resolvConf === "" ? {} : parseResolvConf(readTextFile(pool.resolvConf));
    reserveAll(claim.choice, plan.attachment);
    const ips = allocations.map(({ setIndex: _, ...ip }) => ip);
    return { interfaces: [], ips, routes: pool.routes, dns };
  } finally {
    store[Symbol.dispose]();
  }
}

function reserveAll({ store, allocations }: Choice, owner: { containerId: string; ifname: string }): void {
  for (const { address, setIndex } of allocations) {
    store.reserve(address.address, setIndex, { containerId: owner.containerId, ifname: owner.ifname });
  }
}

/** Frees the addresses that the record names; without a record, whatever is reserved for this container and interface. */
function release({ dataDir, network }: HostLocalDirectory, removal: RemovalContext): void {
  const { containerId, ifname } = removal.attachment;
  const ips = removal.record?.ips;
  using store = IpamStore.open(dataDir, network, removal.report);
  if (ips === undefined) releaseOwned(store, { containerId, ifname });
  else for (const { address } of ips) store.release(address, { containerId, ifname });
}

function checkReservations(pool: HostLocalDirectory, { wanted, prevResult, report }: CheckContext): string[] {
  const { containerId, ifname } = wanted;
  using store = IpamStore.open(pool.dataDir, pool.network, report);
  return ownIps(prevResult, ifname).flatMap(({ address }) => {
    const owner = store.ownerOf(address.address);
    if (owner !== undefined && isHeldBy(owner, { containerId, ifname })) return [];
    const holder = owner === undefined ? "nobody" : `${owner.containerId} ${owner.ifname ?? ""}`.trim();
    return [`address ${formatAddress(address.address)} is reserved for ${holder} in ${store.directory}`];
  });
}
