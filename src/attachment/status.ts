/** STATUS: whether an ADD could succeed now. */

import { formatAddress } from "../addr/address.ts";
import { delegate } from "../cni/delegate.ts";
import type { Request } from "../cni/request.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { allocate, type Reservations } from "../ipam/allocate.ts";
import type { RangeSet } from "../ipam/range.ts";
import { readLastReserved } from "../ipam/store.ts";
import type { FeatureName } from "../kernel/features.ts";
import { isOwnAddress } from "../link/route-lookup.ts";
import { isWritableDirectory, listDirectory } from "../linux/directory.ts";
import { isErrno } from "../linux/error.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { TableDefinition } from "../nftables/tables/definition.ts";
import { listForeignTables } from "../nftables/tables/foreign.ts";
import { TABLES } from "../nftables/tables/tables.ts";
import { toCniError } from "./errors.ts";
import { listLacks } from "./kernel-lack.ts";
import { driverOf } from "./kinds/index.ts";
import { isReclaimable, isShortage, listDeadAddresses } from "./leftovers/reclaim.ts";
import type { Output } from "./output.ts";
import type { HostLocal } from "./plan/ipam.ts";
import { isReservedBy } from "./plan/named-pool.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import { planAll } from "./plan/plan-all.ts";
import { checkPoolFiles, checkSysctls } from "./ready-files.ts";
import { RECORD_ROOT } from "./record/store.ts";

/** @throws {CniError} 50 with every reason, 2 or 7 for the configuration, or a delegated plugin's own error */
export function status(request: Request, output: Output): void {
  const plans = planAll(request);
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  const reasons = [
    ...checkDirectory(`${RECORD_ROOT}/${request.network}`),
    ...plans.flatMap((plan) =>
      checkPlan(plan, { host, output, countsFull: request.netconf.notReadyWhenFull }),
    ),
    ...checkKernel(plans, output),
  ];
  if (reasons.length > 0) {
    const problem = `network "${request.network}" cannot take a pod now: ${reasons.join("; ")}`;
    throw new CniError(CNI_ERROR.notAvailable, problem, "mend what is named; ADD would fail");
  }
  for (const { addressing } of plans)
    if (addressing.kind === "delegate") delegate(addressing.plugin, "STATUS", request);
}

interface Question {
  readonly host: RouteSocket;
  readonly output: Output;
  /** What is used up is a reason too: pods that end will free it, and nobody else can. */
  readonly countsFull: boolean;
}

/** Each reason in words, with the network by name that it is about. */
function checkPlan(plan: AttachmentPlan, question: Question): string[] {
  const { addressing, resolved } = plan;
  const reasons = [
    ...(addressing.kind === "host-local"
      ? [...checkPool(addressing, question), ...checkPoolFiles(addressing)]
      : []),
    ...checkSysctls(plan.settings.sysctls),
    ...checkLink(plan, question),
  ];
  return resolved === undefined
    ? reasons
    : reasons.map((reason) => `network "${resolved.network.name}": ${reason}`);
}

function checkDirectory(directory: string): string[] {
  return isWritableDirectory(directory) ? [] : [`directory ${directory} is not writable`];
}

/** Without the store's lock: a snapshot is enough, and STATUS must not wait for ADDs. */
function checkPool(pool: HostLocal, { host, countsFull }: Question): string[] {
  const directory = `${pool.dataDir}/${pool.network}`;
  if (!countsFull) return checkDirectory(directory);
  const isReserved = isReservedBy(pool);
  const names = new Set(listDirectory(directory));
  const reservations: Reservations = {
    isTaken: (address) => names.has(formatAddress(address)) || isReserved(address),
    isOfNode: (address) => isOwnAddress(host, address),
    lastReserved: (setIndex) => readLastReserved(directory, setIndex),
  };
  const listShortages = () => pool.sets.flatMap((set) => shortageOf(set, reservations) ?? []);
  let shortages = listShortages();
  if (shortages.length > 0) {
    for (const name of listDeadAddresses(pool, host)) names.delete(name);
    shortages = listShortages();
  }
  return [...checkDirectory(directory), ...shortages];
}

function shortageOf(set: RangeSet, reservations: Reservations): string | undefined {
  try {
    allocate([set], [], reservations);
    return undefined;
  } catch (error) {
    return `${(error as Error).message}`;
  }
}

/** Bridge, uplink or virtual function that the next pod would get. */
function checkLink(plan: AttachmentPlan, { host, output, countsFull }: Question): string[] {
  try {
    const driver = driverOf(plan.link.kind);
    const obstacles = driver.obstacles(plan, host, output);
    if (countsFull && obstacles.length === 0) driver.requireRoom?.(plan);
    return obstacles;
  } catch (error) {
    if (isShortage(error) && (!countsFull || isReclaimable(error, plan, host))) return [];
    return [toCniError(error).message];
  }
}

/** What this kernel lacks for any of the plans; and where another program has podwire's place in it. */
function checkKernel(plans: readonly AttachmentPlan[], output: Output): string[] {
  const names = plans.flatMap((plan) => driverOf(plan.link.kind).kernelFeatures(plan));
  try {
    const { lacks, missing } = listLacks(plans, output);
    const isUsed = (name: FeatureName) => names.includes(name) && !missing.includes(name);
    const tables = TABLES.filter(({ kind }) => isUsed(`${kind}Rules`));
    return [...lacks, ...checkTables(tables, output.trace)];
  } catch (error) {
    if (isErrno(error, "EPERM")) return ["the plugin lacks CAP_SYS_ADMIN or CAP_NET_ADMIN"];
    throw error;
  }
}

function checkTables(tables: readonly TableDefinition[], trace: Output["trace"]): string[] {
  if (tables.length === 0) return [];
  using socket = NetlinkSocket.open(netfilter, { trace });
  return listForeignTables(socket, tables).map(({ message, advice }) => `${message}: ${advice}`);
}
