/** What our tables do with one packet: the elements that their rules find for it, each asked by its key. */

import { type Address, addressFromBytes, addressToBytes } from "../addr/address.ts";
import { singlePrefix } from "../addr/prefix.ts";
import type { Service } from "../addr/service.ts";
import { ignoringErrno } from "../linux/error.ts";
import { be16 } from "../netlink/codec/integer.ts";
import { paddedIfname } from "../netlink/netfilter/ifname.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { findKey, toBounds } from "../netlink/netfilter/set-bound.ts";
import type { Element } from "./elements/element.ts";
import { dumpSet, findElements, presentElements } from "./elements/query.ts";
import { CLUSTER_SETS } from "./features/cluster.ts";
import { isLeftAlone } from "./features/left-alone.ts";
import { addressPart, familyName, keyOf, macPart, portPart, protocolPart } from "./tables/key.ts";
import { dumpRules } from "./tables/query.ts";
import { inetTable } from "./tables/tables.ts";

function element(table: Element["table"], set: string, ...parts: Uint8Array[]): Element {
  return { table, set, key: keyOf(...parts), owner: "" };
}

/** Whether the senders of a port are checked, and may be this one: `iifname . ether saddr @senders`. */
export function findSpoofCheck(socket: NetfilterSocket, port: string, mac: string) {
  const [checked, sender] = findElements(socket, [
    element("bridge", "checked", paddedIfname(port)),
    element("bridge", "senders", paddedIfname(port), macPart(mac)),
  ]);
  return { isChecked: checked !== undefined, sender };
}

/** Where a host port leads. */
interface Translation {
  readonly pod: Address;
  readonly port: number;
  readonly element: Element;
}

/** What `chain hostports` finds for a port of an address of this node; undefined: it stays as it is. */
export function findTranslation(
  socket: NetfilterSocket,
  dst: Address,
  { protocol, port }: Service,
): Translation | undefined {
  const name = familyName(dst.family);
  const end = [protocolPart(protocol), portPart(port)];
  const [found] = presentElements(socket, [
    element("inet", `hostports_at_${name}`, addressPart(dst), ...end),
    ...(isExcepted(socket, dst, end) ? [] : [element("inet", `hostports_${name}`, ...end)]),
  ]);
  if (found === undefined || !(found.value instanceof Uint8Array)) return undefined;
  const width = dst.family === 4 ? 4 : 16;
  const pod = addressFromBytes(found.value.subarray(0, width));
  return pod === undefined ? undefined : { pod, port: be16.readAt(found.value, width), element: found };
}

/** A port without an address of its own is not for this one; `port`: protocol and number. */
function isExcepted(socket: NetfilterSocket, dst: Address, port: readonly Uint8Array[]): boolean {
  return isLeftAlone(singlePrefix(dst)) || excludingElement(socket, dst, port) !== undefined;
}

/** The element by which a host port leaves this address of the node alone (hostPortExclude); undefined: none does. */
export function findExclusion(socket: NetfilterSocket, dst: Address, { protocol, port }: Service) {
  return excludingElement(socket, dst, [protocolPart(protocol), portPart(port)]);
}

function excludingElement(socket: NetfilterSocket, dst: Address, port: readonly Uint8Array[]) {
  const set = `hostports_except_${familyName(dst.family)}`;
  const [found] = presentElements(socket, [element("inet", set, ...port)]);
  const { value } = found ?? {};
  const isExcluding =
    value !== undefined && !(value instanceof Uint8Array) && isReturned(socket, value.chain, dst);
  return isExcluding ? found : undefined;
}

/** The ingressPolicy by which `chain forward` drops packets from one interface to another; undefined: they pass. */
export function findPolicy(
  socket: NetfilterSocket,
  iifname: string,
  oifname: string,
): "isolated" | "same-bridge" | undefined {
  const [from, to] = [paddedIfname(iifname), paddedIfname(oifname)];
  const [isolated, routedBack, guardedFrom, guardedTo] = findElements(socket, [
    element("inet", "isolated", from, to),
    element("inet", "bridges", from, to),
    element("inet", "guarded", from),
    element("inet", "guarded", to),
  ]);
  if (isolated !== undefined) return "isolated";
  if (routedBack !== undefined) return undefined;
  return guardedFrom !== undefined && guardedTo !== undefined ? "same-bridge" : undefined;
}

/** A packet as `chain postrouting` sees it. */
interface Leaving {
  readonly iifname: string;
  readonly oifname: string;
  readonly src: Address;
  readonly dst: Address;
  readonly service?: Service | undefined;
  /** It came to a host port. */
  readonly isTranslated: boolean;
}

export type Masquerade =
  /** It gets an address of the node. */
  | { readonly kind: "masqueraded"; readonly element: Element }
  /** Its network is masqueraded, but not to this destination. */
  | { readonly kind: "non-masqueraded"; readonly chain: string }
  /** It is a pod of the cluster, and the destination sees such pods' addresses. */
  | { readonly kind: "within cluster" }
  | { readonly kind: "none" };

/** What `chain postrouting` does with the packet's sender. */
export function findMasquerade(socket: NetfilterSocket, packet: Leaving): Masquerade {
  const [back] = packet.isTranslated ? presentElements(socket, wayBackElements(packet)) : [];
  if (back !== undefined) return { kind: "masqueraded", element: back };
  const { iifname, src, dst } = packet;
  if (isWithinCluster(socket, src, dst)) return { kind: "within cluster" };
  const set = `masquerade_${familyName(src.family)}`;
  const [pod] = presentElements(socket, [element("inet", set, paddedIfname(iifname), addressPart(src))]);
  if (pod === undefined || pod.value === undefined || pod.value instanceof Uint8Array)
    return { kind: "none" };
  const { chain } = pod.value;
  return isReturned(socket, chain, dst)
    ? { kind: "non-masqueraded", chain }
    : { kind: "masqueraded", element: pod };
}

function isWithinCluster(socket: NetfilterSocket, src: Address, dst: Address): boolean {
  const { pods, seesPods } = CLUSTER_SETS[src.family];
  const has = (set: string, address: Address) => {
    const elements = ignoringErrno(() => dumpSet(socket, "inet", set), [], "ENOENT");
    return findKey(toBounds(elements) ?? [], addressToBytes(address).toHex()) !== undefined;
  };
  return has(pods, src) && has(seesPods, dst);
}

/** Those that masquerade what came to a host port, so that its replies come back by the node. */
function wayBackElements({ iifname, oifname, src, dst, service }: Leaving): Element[] {
  const name = familyName(dst.family);
  const { protocol, port } = service ?? {};
  const all =
    protocol === undefined || port === undefined
      ? []
      : [element("inet", `masquerade_all_${name}`, addressPart(dst), protocolPart(protocol), portPart(port))];
  return [
    element("inet", "bridges", paddedIfname(iifname), paddedIfname(oifname)),
    element("inet", `hairpin_${name}`, addressPart(src), addressPart(dst)),
    ...all,
  ];
}

/** The destination is in a set that the chain returns for. */
function isReturned(socket: NetfilterSocket, chain: string, dst: Address): boolean {
  const sets = dumpRules(socket, inetTable.family, chain).flatMap((rule) =>
    (rule.NFTA_RULE_EXPRESSIONS ?? []).flatMap(({ NFTA_EXPR_DATA: data }) => data?.NFTA_LOOKUP_SET ?? []),
  );
  const key = addressToBytes(dst).toHex();
  return sets
    .map((set) => toBounds(dumpSet(socket, "inet", set)) ?? [])
    .some((bounds) => bounds[0]?.key.length === key.length && findKey(bounds, key) !== undefined);
}
