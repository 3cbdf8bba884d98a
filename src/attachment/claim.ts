/** The claim on an attachment: its addresses resolved under the store's lock and written down before anything is made. */

import type { Address } from "../addr/address.ts";
import type { Prefix } from "../addr/prefix.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import { AddressUnavailable, type Allocation, allocate, PoolExhausted } from "../ipam/allocate.ts";
import { freeEarlierBoots } from "../ipam/boot.ts";
import { IpamStore } from "../ipam/store.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { gatewayVlanOf } from "./entry.ts";
import { namedParts } from "./named-parts.ts";
import type { Output } from "./output.ts";
import type { Addressing, HostLocal } from "./plan/ipam.ts";
import { keptBy, requireThere } from "./plan/named-pool.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import { type AttachmentRecord, type RecordedAddressing, type RecordedVf, writeRecord } from "./record.ts";
import { claimVf } from "./vf-claim.ts";

/** Addresses that are resolved and not reserved yet; the store stays locked until they are. */
export interface Choice {
  readonly store: IpamStore;
  readonly pool: HostLocal;
  readonly allocations: readonly Allocation[];
}

export interface Claim {
  readonly record: AttachmentRecord;
  /** Open descriptor of the record. */
  readonly recordFd: number;
  /** Only where we give the addresses ourselves. */
  readonly choice: Choice | undefined;
}

export interface Claiming extends Output {
  readonly request: Request;
  readonly plan: AttachmentPlan;
  /** All of the same ADD, the runtime's interface first. */
  readonly plans: readonly AttachmentPlan[];
  readonly host: RouteSocket;
  /** Bytes. */
  readonly mtu: number;
}

/**
 * Chooses addresses and a virtual function and writes the record, so that whoever cleans up after a killed ADD knows
 * what to look for.
 * @throws {AttachmentExists} {@link CniError} 11: nothing is free; nothing was made
 */
export function claimAttachment(claiming: Claiming): Claim {
  const { plan } = claiming;
  const choice = plan.addressing.kind === "host-local" ? choose(plan.addressing, claiming) : undefined;
  const write = (vf?: RecordedVf): Claim => {
    const record = recordOf(claiming, choice, vf);
    return { record, recordFd: writeRecord(record), choice };
  };
  try {
    if (plan.link.kind !== "sriov") return write();
    return claimVf({ link: plan.link, plan, host: claiming.host }, write);
  } catch (error) {
    choice?.store[Symbol.dispose]();
    throw error;
  }
}

function recordOf(
  claiming: Claiming,
  choice: Choice | undefined,
  vf: RecordedVf | undefined,
): AttachmentRecord {
  const { request, plan, plans, mtu } = claiming;
  const { link, resolved } = plan;
  const gatewayVlan = link.kind === "bridge" ? gatewayVlanOf(link) : undefined;
  const { pod } = request.netconf;
  return {
    ...plan.attachment,
    kind: link.kind,
    ...(pod === undefined ? {} : { pod }),
    netns: request.netns,
    hostIfname: link.kind === "bridge" ? link.hostIfname : "",
    bridge: link.kind === "bridge" ? link.bridge : "",
    ...(gatewayVlan === undefined ? {} : { gatewayVlan }),
    mtu,
    addressing: recordedAddressing(request, plan.addressing),
    ...(plan.addressing.kind === "delegate" ? {} : { ips: resolvedIps(choice) }),
    ...(plan.traffic === undefined ? {} : { traffic: plan.traffic }),
    ...(link.kind === "bridge" && link.forward ? { forward: true } : {}),
    ...(plan.shaping === undefined ? {} : { shaping: plan.shaping }),
    ...(resolved === undefined ? {} : namedParts(plan, plans)),
    ...(vf === undefined ? {} : { vf }),
    createdAt: new Date().toISOString(),
  };
}

function resolvedIps(choice: Choice | undefined): Prefix[] {
  return (choice?.allocations ?? []).map((allocation) => allocation.address);
}

function choose(pool: HostLocal, { plan, report }: Claiming): Choice {
  const store = IpamStore.open(pool.dataDir, pool.network, report);
  try {
    if (!pool.keepAcrossReboots) freeEarlierBoots(store, report);
    requireThere(pool);
    const isKept = keptBy(pool);
    const reservations = {
      isTaken: (address: Address) => isKept(address) || store.isTaken(address),
      lastReserved: (setIndex: number) => store.lastReserved(setIndex),
    };
    return { store, pool, allocations: allocate(pool.sets, pool.requested, reservations) };
  } catch (error) {
    store[Symbol.dispose]();
    throw withNetwork(error, plan);
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

function recordedAddressing(request: Request, addressing: Addressing): RecordedAddressing {
  if (addressing.kind === "none") return addressing;
  if (addressing.kind === "delegate") return { ...addressing, netconf: request.stdin };
  return { kind: "host-local", dataDir: addressing.dataDir, network: addressing.network };
}
