/** GC: removes every attachment, address and link of a network that the runtime does not list. */

import { delegate, refuseItself } from "../cni/delegate.ts";
import type { AttachmentName } from "../cni/netconf/valid-attachments.ts";
import type { Request } from "../cni/request.ts";
import { isHeldBy, type Owner } from "../ipam/owner.ts";
import { releaseInvalid } from "../ipam/release.ts";
import { IpamStore } from "../ipam/store.ts";
import { isAdditional } from "./attachment.ts";
import { IncompleteRemoval, openSockets, type RemovalSockets } from "./del.ts";
import { findLeftovers, type Judge, type Leftover } from "./leftovers/find.ts";
import { removeLeftover, sweepShared } from "./leftovers/remove.ts";
import { releaseUnrecorded } from "./leftovers/reservations.ts";
import type { Output } from "./output.ts";
import { type HostLocalDirectory, placeOf } from "./plan/ipam.ts";
import { configuredBy, type RemovalFacts } from "./removal.ts";
import type { StepFailure } from "./steps/step.ts";

/** @throws {IncompleteRemoval} after everything was tried */
export function gc(request: Request, output: Output): void {
  const valid = request.netconf.validAttachments;
  const place = placeOf(request.netconf.ipam, request.network);
  if (place.kind === "delegate") refuseItself(place.plugin, request.path);
  using sockets = openSockets(output);
  // An absent list says nothing about any attachment; an empty one says that none is valid.
  const own = valid === undefined ? [] : collect(request, valid, sockets);
  const failures = [
    ...own,
    ...attempt("delegate", () => place.kind === "delegate" && delegate(place.plugin, "GC", request)),
  ];
  if (failures.length > 0) throw new IncompleteRemoval(`garbage of network ${request.network}`, failures);
}

function collect(request: Request, valid: readonly AttachmentName[], sockets: RemovalSockets): StepFailure[] {
  const { network, netconf } = request;
  const configured = configuredBy(request, sockets);
  const place = placeOf(netconf.ipam, network);
  const { attachments } = findLeftovers(sockets, judgeBy(valid), network);
  const removed = [
    ...attachments.flatMap((leftover) =>
      removeLeftover(leftover, factsOf(request, leftover, configured), sockets),
    ),
    ...sweepShared(sockets, configured.configDir),
  ];
  return [
    ...removed.flatMap(({ failure }) => failure ?? []),
    ...attempt("addresses", () => place.kind === "host-local" && freeAddresses(place, valid, sockets)),
    ...attempt("addresses", () =>
      releaseUnrecorded(network, (id) => hasContainer(valid, id), sockets.report),
    ),
  ];
}

/** Attachments that the runtime lists are alive. */
function judgeBy(valid: readonly AttachmentName[]): Judge {
  const reason = "the runtime does not list it";
  const isValid = (owner: Owner) => valid.some((entry) => isHeldBy(owner, entry));
  return {
    // Those that came with another one go with that.
    whyStale: ({ primary, ...record }) =>
      isValid({ ...record, ifname: primary ?? record.ifname }) ? undefined : reason,
    // Without a record it is not known whether an additional interface came with a valid one.
    whyOrphaned({ attachment }) {
      const mayBe = isAdditional(attachment.ifname) && hasContainer(valid, attachment.containerId);
      return isValid(attachment) || mayBe ? undefined : reason;
    },
  };
}

function hasContainer(valid: readonly AttachmentName[], containerId: string): boolean {
  return valid.some((entry) => entry.containerId === containerId);
}

function freeAddresses(
  { dataDir, network }: HostLocalDirectory,
  valid: readonly AttachmentName[],
  { report }: Output,
): void {
  using store = IpamStore.open(dataDir, network, report);
  releaseInvalid(store, (owner) => valid.some((entry) => isHeldBy(owner, entry)));
}

/** As the runtime would have called DEL for that attachment. */
function factsOf(
  { path, variables }: Request,
  { attachment: { containerId, ifname }, netns }: Leftover,
  configured: RemovalFacts["configured"],
): RemovalFacts {
  const own = { CNI_CONTAINERID: containerId, CNI_IFNAME: ifname, CNI_NETNS: netns };
  return { netns, delegation: { path, variables: { ...variables, ...own } }, configured };
}

function attempt(step: string, action: () => unknown): StepFailure[] {
  try {
    action();
    return [];
  } catch (cause) {
    return [{ step, cause }];
  }
}
