/** The claim on an attachment: its addresses chosen under the store's lock and written down before anything is made. */

import type { Address } from "../addr/address.ts";
import type { Request } from "../cni/request.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import {
  AddressUnavailable,
  type Allocation,
  allocate,
  PoolExhausted,
  type Reservations,
} from "../ipam/allocate.ts";
import { freeEarlierBoots } from "../ipam/boot.ts";
import { releaseOwned } from "../ipam/release.ts";
import { IpamStore } from "../ipam/store.ts";
import { isOwnAddress } from "../link/route-lookup.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { driverOf } from "./kinds/index.ts";
import type { FormerAddresses } from "./leftovers/replace.ts";
import type { Output } from "./output.ts";
import type { HostLocal } from "./plan/ipam.ts";
import { isReservedBy, requirePoolDir } from "./plan/named-pool.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import { completeAddressing, type PodAddressing } from "./plan/pod-addressing.ts";
import { toRecord } from "./record/from-plan.ts";
import { writeRecord } from "./record/store.ts";
import type { Choice, Claim } from "./steps/step.ts";

export interface ClaimContext extends Output {
  readonly request: Request;
  readonly plan: AttachmentPlan;
  /** The names of all interfaces of the same ADD, the runtime's first. */
  readonly ifnames: readonly string[];
  readonly host: RouteSocket;
  readonly former: FormerAddresses;
  /** Bytes; undefined leaves a virtual function its own. */
  readonly mtu: number | undefined;
}

/**
 * Chooses addresses and a virtual function and writes the record, so that whoever cleans up after a killed ADD knows
 * what to look for.
 * @throws {AttachmentExists} {@link CniError} 11: nothing is free; nothing was made
 */
export function claimAttachment(context: ClaimContext): Claim {
  const { plan, request, host } = context;
  const choice = plan.addressing.kind === "host-local" ? choose(plan.addressing, context) : undefined;
  const { pod } = request.netconf;
  const createdAt = new Date().toISOString();
  const addressing = chosenAddressing(plan, choice);
  const { containerId, ifname } = plan.attachment;
  const releaseLost = () => choice && releaseOwned(choice.store, { containerId, ifname });
  try {
    return driverOf(plan.link.kind).claim(plan, host, (link) => {
      const record = toRecord(plan, { ...context, ...request, pod, addressing, link, createdAt });
      return { record, recordFd: writeRecord(record, releaseLost), choice };
    });
  } catch (error) {
    choice?.store[Symbol.dispose]();
    throw error;
  }
}

/** Undefined where a delegated plugin is still to give them. */
function chosenAddressing(plan: AttachmentPlan, choice: Choice | undefined): PodAddressing | undefined {
  if (plan.addressing.kind === "delegate") return undefined;
  if (choice === undefined) return { ips: [], routes: [], dns: {} };
  const { pool, allocations } = choice;
  return completeAddressing({ interfaces: [], ips: allocations, routes: pool.routes, dns: {} }, plan.config);
}

function choose(pool: HostLocal, { plan, report, former, host }: ClaimContext): Choice {
  const store = IpamStore.open(pool.dataDir, pool.network, report);
  try {
    if (!pool.keepAcrossReboots) freeEarlierBoots(store, report);
    requirePoolDir(pool);
    const isReserved = isReservedBy(pool);
    const reservations = {
      isTaken: (address: Address) => isReserved(address) || store.isTaken(address),
      isOfNode: (address: Address) => isOwnAddress(host, address),
      lastReserved: (setIndex: number) => store.lastReserved(setIndex),
    };
    const again = pool.requested.length === 0 ? former.get(plan.attachment.ifname) : undefined;
    const allocations =
      (again && allocateAgain(pool, again, reservations)) ??
      allocate(pool.sets, pool.requested, reservations);
    return { store, pool, allocations };
  } catch (error) {
    store[Symbol.dispose]();
    throw withNetwork(error, plan);
  }
}

/** Undefined where one of the addresses is not to be had any more. */
function allocateAgain(
  { sets }: HostLocal,
  former: readonly Address[],
  reservations: Reservations,
): Allocation[] | undefined {
  try {
    return allocate(sets, former, reservations);
  } catch (error) {
    if (error instanceof AddressUnavailable) return undefined;
    throw error;
  }
}

/** Says of which network it is that nothing is free. */
function withNetwork(error: unknown, { resolved }: AttachmentPlan): unknown {
  const isOurs = error instanceof PoolExhausted || error instanceof AddressUnavailable;
  if (!isOurs || resolved === undefined) return error;
  const { network, endpoint } = resolved;
  const of = endpoint === undefined ? "" : `endpoint "${endpoint.namespace}/${endpoint.name}" of `;
  const isPermanent = error instanceof AddressUnavailable && !error.mayComeFree;
  return new CniError(
    isPermanent ? CNI_ERROR.invalidNetconf : CNI_ERROR.tryAgainLater,
    `${of}network "${network.name}": ${error.message}`,
    isPermanent
      ? "ask for an address of this network"
      : `delete a pod that holds one, or extend the range: podwire network update ${network.name} --end ADDRESS`,
    { cause: error },
  );
}
