/** What our tables do with one packet: the elements that their rules find for it, each asked by its key. */

import { type Address, addressFromBytes, addressToBytes } from "../addr/address.ts";
import { be16 } from "../netlink/codec/type.ts";
import type { Element } from "./element.ts";
import { IPPROTO, type Protocol } from "./host-ports.ts";
import { inetTable } from "./inet-table.ts";
import { addressPart, familyName, ifnamePart, keyOf, macPart, portPart, protocolPart } from "./key.ts";
import { findElements, listRules, type NetfilterSocket, presentElements } from "./ruleset.ts";
import { findKey, listBounds } from "./set-keys.ts";
import { TABLE_NAME } from "./table.ts";

/** A protocol with a port of it. */
export interface Service {
  readonly protocol: Protocol;
  readonly port: number;
}

function element(table: Element["table"], set: string, ...parts: Uint8Array[]): Element {
  return { table, set, key: keyOf(...parts), owner: "" };
}

/** Whether the senders of a port are checked, and may be this one: `iifname . ether saddr @senders`. */
export function findSpoofCheck(socket: NetfilterSocket, port: string, mac: string) {
  const [checked, sender] = findElements(socket, [
    element("bridge", "checked", ifnamePart(port)),
    element("bridge", "senders", ifnamePart(port), macPart(mac)),
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
  const end = [protocolPart(IPPROTO[protocol]), portPart(port)];
  const [found] = presentElements(socket, [
    element("inet", `hostports_at_${name}`, addressPart(dst), ...end),
    element("inet", `hostports_${name}`, ...end),
  ]);
  if (found === undefined || !(found.value instanceof Uint8Array)) return undefined;
  const width = dst.family === 4 ? 4 : 16;
  const pod = addressFromBytes(found.value.subarray(0, width));
  return pod === undefined ? undefined : { pod, port: be16.readAt(found.value, width), element: found };
}

/** What `chain forward` says of packets from one interface to another; undefined: it lets them pass. */
export function findPolicy(
  socket: NetfilterSocket,
  iifname: string,
  oifname: string,
): "isolated" | "guarded" | undefined {
  const [from, to] = [ifnamePart(iifname), ifnamePart(oifname)];
  const [isolated, routedBack, guardedFrom, guardedTo] = findElements(socket, [
    element("inet", "isolated", from, to),
    element("inet", "bridges", from, to),
    element("inet", "guarded", from),
    element("inet", "guarded", to),
  ]);
  if (isolated !== undefined) return "isolated";
  if (routedBack !== undefined) return undefined;
  return guardedFrom !== undefined && guardedTo !== undefined ? "guarded" : undefined;
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
  | { readonly kind: "kept"; readonly chain: string }
  | { readonly kind: "none" };

/** What `chain postrouting` does with the packet's sender. */
export function findMasquerade(socket: NetfilterSocket, packet: Leaving): Masquerade {
  const [back] = packet.isTranslated ? presentElements(socket, wayBackElements(packet)) : [];
  if (back !== undefined) return { kind: "masqueraded", element: back };
  const { iifname, src, dst } = packet;
  const set = `masquerade_${familyName(src.family)}`;
  const [pod] = presentElements(socket, [element("inet", set, ifnamePart(iifname), addressPart(src))]);
  if (pod === undefined || pod.value === undefined || pod.value instanceof Uint8Array)
    return { kind: "none" };
  const { chain } = pod.value;
  return isKept(socket, chain, dst) ? { kind: "kept", chain } : { kind: "masqueraded", element: pod };
}

/** Those that masquerade what came to a host port, so that its replies come back by the node. */
function wayBackElements({ iifname, oifname, src, dst, service }: Leaving): Element[] {
  const name = familyName(dst.family);
  const { protocol, port } = service ?? {};
  const all =
    protocol === undefined || port === undefined
      ? []
      : [
          element(
            "inet",
            `masquerade_all_${name}`,
            addressPart(dst),
            protocolPart(IPPROTO[protocol]),
            portPart(port),
          ),
        ];
  return [
    element("inet", "bridges", ifnamePart(iifname), ifnamePart(oifname)),
    element("inet", `hairpin_${name}`, addressPart(src), addressPart(dst)),
    ...all,
  ];
}

/** The destination is in a set that the chain returns for. */
function isKept(socket: NetfilterSocket, chain: string, dst: Address): boolean {
  const { family } = inetTable;
  const sets = listRules(socket, family, chain).flatMap((rule) =>
    (rule.NFTA_RULE_EXPRESSIONS ?? []).flatMap(({ NFTA_EXPR_DATA: data }) => data?.NFTA_LOOKUP_SET ?? []),
  );
  const key = addressToBytes(dst).toHex();
  return sets
    .map((set) => listBounds(socket, { family, table: TABLE_NAME, set }) ?? [])
    .some((bounds) => bounds[0]?.key.length === key.length && findKey(bounds, key) !== undefined);
}
