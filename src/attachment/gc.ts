/** GC: removes every attachment, address and link of a network that the runtime does not list. */

import { delegate } from "../cni/delegate.ts";
import type { AttachmentName } from "../cni/netconf/valid-attachments.ts";
import type { Request } from "../cni/request.ts";
import { isHeldBy, type Owner } from "../ipam/owner.ts";
import { releaseInvalid } from "../ipam/release.ts";
import { IpamStore } from "../ipam/store.ts";
import { listLinks } from "../link/link.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { listOwnedElements } from "../nftables/ruleset.ts";
import { distinct } from "./addressing.ts";
import { type Attachment, describeAttachment, isLater, parseAlias, parseAttachment } from "./attachment.ts";
import { IncompleteRemoval, openSockets, type RemovalSockets, removeAttachment } from "./del.ts";
import { listClaimants, releaseUnrecorded } from "./holdings.ts";
import type { Output } from "./output.ts";
import { type HostLocalFolder, placeOf } from "./plan/ipam.ts";
import { listRecords } from "./records.ts";
import { configuredBy } from "./removal.ts";
import type { StepFailure } from "./step.ts";
import { sweepNode } from "./sweep.ts";
import { tidyRuleset } from "./tidy-ruleset.ts";
import { sweepGateways } from "./vlan-gateway.ts";

type Valid = readonly AttachmentName[];

/** @throws {IncompleteRemoval} after everything was tried */
export function gc(request: Request, output: Output): void {
  const valid = request.netconf.validAttachments;
  const kind = placeOf(request.netconf.ipam, request.network);
  using sockets = openSockets(output);
  // An absent list says nothing about any attachment; an empty one says that none is valid.
  const own = valid === undefined ? [] : collect(request, valid, sockets);
  const failures = [
    ...own,
    ...attempt("delegate", () => kind.kind === "delegate" && delegate(kind.plugin, "GC", request)),
  ];
  if (failures.length > 0) throw new IncompleteRemoval(`garbage of network ${request.network}`, failures);
}

function collect(request: Request, valid: Valid, sockets: RemovalSockets): StepFailure[] {
  const configured = configuredBy(request, sockets);
  const isValid = (owner: Owner) => valid.some((entry) => isHeldBy(owner, entry));
  const records = listRecords(request.network);
  const isRecorded = (link: Attachment) => records.some((record) => isHeldBy(link, record));
  const marked = [
    ...markedLinks(sockets.host, request.network),
    ...markedElements(sockets, request.network),
    ...listClaimants(request.network),
  ];
  const hasValid = (containerId: string) => valid.some((entry) => entry.containerId === containerId);
  // Without a record nobody knows whether a later interface came with a valid one.
  const mayBeValid = (link: Attachment) =>
    isValid(link) || (isLater(link.ifname) && hasValid(link.containerId));
  const unrecorded = marked.filter((attachment) => !mayBeValid(attachment) && !isRecorded(attachment));
  // Those that came with another one go with that.
  const first = records.map((record) => ({ ...record, ifname: record.primary ?? record.ifname }));
  const stale = distinct(
    [...first.filter((attachment) => !isValid(attachment)), ...unrecorded],
    isSameAttachment,
  );
  const kind = placeOf(request.netconf.ipam, request.network);
  return [
    ...stale.flatMap((attachment) =>
      attempt(describeAttachment(attachment), () =>
        removeAttachment(attachment, { ...callOf(request, attachment), configured }, sockets),
      ),
    ),
    ...attempt("ruleset", () => tidyRuleset(sockets.host, sockets.netfilter)),
    ...attempt("gateways", () => sweepGateways(sockets.host)),
    ...attempt("uplinks", () => sweepNode(sockets.host, request)),
    ...attempt("addresses", () => kind.kind === "host-local" && freeAddresses(kind, isValid, sockets)),
    ...attempt("addresses", () => releaseUnrecorded(request.network, hasValid, sockets.report)),
  ];
}

/** Attachments of this network that only their links on the host still tell of. */
function markedLinks(host: RouteSocket, network: string): Attachment[] {
  return listLinks(host).flatMap((link) => {
    const attachment = parseAlias(link.ifalias);
    return attachment?.network === network ? [attachment] : [];
  });
}

/** Attachments of this network that have something in our nftables tables. */
function markedElements({ netfilter }: RemovalSockets, network: string): Attachment[] {
  const socket = netfilter.getIfSupported();
  return (socket === undefined ? [] : listOwnedElements(socket)).flatMap(({ owner }) => {
    const attachment = parseAttachment(owner);
    return attachment?.network === network ? [attachment] : [];
  });
}

function isSameAttachment(a: Attachment, b: Attachment): boolean {
  return describeAttachment(a) === describeAttachment(b);
}

function freeAddresses(
  { dataDir, network }: HostLocalFolder,
  isValid: (owner: Owner) => boolean,
  output: Output,
): void {
  using store = IpamStore.open(dataDir, network, output.report);
  releaseInvalid(store, isValid);
}

/** As the runtime would have called DEL for that attachment. */
function callOf(
  { path, variables }: Request,
  { containerId, ifname, netns = "" }: Attachment & { readonly netns?: string },
) {
  const own = { CNI_CONTAINERID: containerId, CNI_IFNAME: ifname, CNI_NETNS: netns };
  return { netns, delegation: { path, variables: { ...variables, ...own } } };
}

function attempt(step: string, action: () => unknown): StepFailure[] {
  try {
    action();
    return [];
  } catch (cause) {
    return [{ step, cause }];
  }
}
