/** The pod's place in our nftables tables: masquerade, host ports, guards; one transaction. */

import type { IpConfig } from "../../cni/result.ts";
import { routeLocalnetRequest } from "../../link/bridge.ts";
import type { Link } from "../../link/link.ts";
import { listOwnNetworks } from "../../link/route-lookup.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import { type NetfilterSocket, netfilter } from "../../netlink/netfilter/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { removeElements } from "../../nftables/apply.ts";
import { checkRuleset } from "../../nftables/check.ts";
import { flushAnswered, flushUdp } from "../../nftables/connections/flush.ts";
import { type Element, identityOf } from "../../nftables/elements/element.ts";
import { listOwnedElements, presentElements } from "../../nftables/elements/query.ts";
import { unwantedBridgeElements } from "../../nftables/features/isolation.ts";
import { FIRST_INTERFACE } from "../attachment.ts";
import { listRecords } from "../record/list.ts";
import type { AttachmentRecord } from "../record/record.ts";
import { extendRecord } from "../record/store.ts";
import { addElements, HeldBySibling } from "../rules/add-elements.ts";
import { crossingsOf } from "../rules/crossings.ts";
import { ingressOfRecord } from "../rules/ingress.ts";
import { hostPortTargets, localnetKey, needsLocalnet, ownedOf, ownerOf, wantedOf } from "../rules/ruleset.ts";
import { trafficWithout } from "../rules/traffic-without.ts";
import type { AddContext, CheckContext, Claim, RemovalContext } from "./step.ts";

export const applyRuleset = {
  name: "applyRuleset",

  /** `ingress`: where the pod's packets enter the node, as far as its interfaces are known. */
  add(context: AddContext, ips: readonly IpConfig[], ingress: readonly Link[]): void {
    const { claim, host, trace } = context;
    const asked = withCrossings(claim, { ...claim.record, ips: ips.map((ip) => ip.address) });
    const { ifname } = ingressOfRecord(asked);
    if (asked.traffic === undefined) return;
    using socket = NetlinkSocket.open(netfilter, { trace });
    const unwanted = presentElements(socket, unwantedBridgeElements(ifname, asked.traffic.ingressPolicy));
    const record = putElements(context, socket, asked, withoutWanted(unwanted, ifname));
    // After the guard of `chain localnet`, which keeps pods from what this opens.
    if (needsLocalnet(record) && !isRouted(ingress, ifname)) host.request(routeLocalnetRequest(ifname));
    const except = record.traffic?.hostPorts?.except ?? [];
    flushUdp(socket, hostPortTargets(record), { own: () => listOwnNetworks(host), except });
  },

  /** Only where there is a record: a pod that the reference plugin started has its rules elsewhere. */
  check({ record, trace }: CheckContext): string[] {
    const wanted = record && wantedOf(record);
    if (record === undefined || wanted === undefined) return [];
    using socket = NetlinkSocket.open(netfilter, { trace });
    return [...checkRuleset(socket, wanted), ...checkLocalnet(record)];
  },

  del(removal: RemovalContext): void {
    const { record } = removal;
    if (record !== undefined && record.traffic === undefined) return;
    const socket = removal.netfilter.getIfSupported();
    if (socket === undefined) return;
    removeElements(socket, ownElements(socket, removal));
    if (record !== undefined) flushAnswered(socket, hostPortTargets(record));
  },
};

/** The record says what the container's packets need on their ways from one interface to another. */
function withCrossings({ recordFd }: Claim, record: AttachmentRecord): AttachmentRecord {
  const crossings = record.ifname === FIRST_INTERFACE ? [] : crossingsOf(record);
  if (crossings.length === 0) return record;
  const traffic = { dropsInvalid: true, ingressPolicy: "open", ...record.traffic, crossings } as const;
  extendRecord(recordFd, { traffic });
  return { ...record, traffic };
}

/**
 * Host ports that another attachment of the container has stay with it, and a kernel without tables of bridges has no RA
 * guard by default: the record says what this attachment has.
 * @returns the record as it is then
 */
function putElements(
  context: AddContext,
  netfilter: NetfilterSocket,
  record: AttachmentRecord,
  unwanted: readonly Element[],
): AttachmentRecord {
  const { host, claim, report } = context;
  const wanted = wantedOf(record);
  if (wanted === undefined) return record;
  try {
    addElements({ netfilter, host }, wanted, unwanted, ownerOf(record));
    return record;
  } catch (error) {
    const traffic = trafficWithout(error, record);
    if (traffic === undefined) throw error;
    if (error instanceof HeldBySibling) report(`${error.message}: left there`);
    extendRecord(claim.recordFd, { traffic });
    return putElements(context, netfilter, { ...record, traffic }, unwanted);
  }
}

/**
 * Asked first, for each such setting has the bridge announce its multicast groups to all pods again (NETDEV_CHANGE), on
 * a large bridge for milliseconds.
 */
function isRouted(ingress: readonly Link[], ifname: string): boolean {
  return ingress.some((link) => link.ifname === ifname && link.routesLocalnet);
}

/** Elements of a bridge that an earlier policy left, without those that another pod of the bridge still wants. */
function withoutWanted(unwanted: readonly Element[], ifname: string): Element[] {
  if (unwanted.length === 0) return [];
  const onBridge = listRecords().filter((record) => ingressOfRecord(record).ifname === ifname);
  const wanted = new Set(onBridge.flatMap((record) => wantedOf(record)?.elements ?? []).map(identityOf));
  return unwanted.filter((element) => !wanted.has(identityOf(element)));
}

/** Under the keys that the record tells; without them, wherever the comment is the attachment's. */
function ownElements(socket: NetfilterSocket, { record, attachment }: RemovalContext): Element[] {
  const wanted = record && wantedOf(withAll(record));
  const candidates =
    wanted === undefined ? listOwnedElements(socket) : presentElements(socket, ownedOf(wanted));
  const owner = ownerOf(attachment);
  return candidates.filter((element) => element.owner === owner);
}

/** What an ADD of today gives a pod, whichever version wrote the record. */
function withAll(record: AttachmentRecord): AttachmentRecord {
  const { traffic } = record;
  return traffic === undefined ? record : { ...record, traffic: { ...traffic, dropsInvalid: true } };
}

function checkLocalnet(record: AttachmentRecord): string[] {
  const key = localnetKey(ingressOfRecord(record).ifname);
  const value = needsLocalnet(record) ? readSysctl(key) : "1";
  return value === "1" ? [] : [`sysctl ${key} is ${value}, want 1`];
}
