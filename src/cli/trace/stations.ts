/** Who is on a bridge: the node's own interfaces, pods, and what leads out of the node. */

import { type Address, sameAddress } from "../../addr/address.ts";
import { isMark } from "../../attachment/attachment.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { addressesOf } from "../../attachment/rules/ruleset.ts";
import { listAddresses } from "../../link/address.ts";
import { getLink, type Link } from "../../link/link.ts";
import { listFdb, type Neighbour } from "../../link/neighbour.ts";
import { isRefusal, lookUpRoute } from "../../link/route-lookup.ts";
import { vlanIfnameOf } from "../../link/vlan.ts";
import { findPort, GATEWAY_ALIAS, vlanOf } from "../../link/vlan-gateway.ts";
import { RTN } from "../../netlink/route/route.ts";
import type { Facts } from "./facts.ts";

/** An interface of the node's own on a bridge: the bridge itself, or one in a VLAN of it. */
export interface Entrance {
  readonly link: Link;
  /** The port of the bridge that it is behind; undefined: it is the bridge, or takes the VLAN out of it. */
  readonly port: Link | undefined;
  /** The VLAN that it is in; undefined: that of the bridge itself. */
  readonly vlan: number | undefined;
}

/** Whom a frame is for. */
type Receiver =
  | { readonly kind: "node"; readonly entrance: Entrance }
  | { readonly kind: "pod"; readonly record: AttachmentRecord }
  /** Behind a port that is not a pod's of ours. */
  | { readonly kind: "port"; readonly port: Link }
  /** Nobody is known, but these ports are not ours: who is behind them is not known either. */
  | { readonly kind: "ports"; readonly ports: readonly Link[] }
  | { readonly kind: "nobody" };

interface Searched {
  readonly bridge: Link;
  readonly address: Address;
  /** What the sender knows of it. */
  readonly neighbour: Neighbour | undefined;
  readonly vlan: number | undefined;
}

/** Who has the address on the bridge; where the sender's entry is permanent, who has the MAC address in it. */
export function findReceiver(facts: Facts, searched: Searched): Receiver {
  const { neighbour } = searched;
  if (neighbour?.state === "PERMANENT") return byMac(facts, searched, neighbour.mac);
  const { bridge, address } = searched;
  const entrance = findEntrance(facts, searched);
  if (entrance !== undefined) return { kind: "node", entrance };
  const record = facts.living.find((one) => one.bridge === bridge.ifname && has(one, address));
  if (record !== undefined) return { kind: "pod", record };
  const seen = neighbour === undefined ? undefined : byMac(facts, searched, neighbour.mac);
  if (seen !== undefined && seen.kind !== "nobody") return seen;
  return elsewhere(facts, bridge);
}

function has(record: AttachmentRecord, address: Address): boolean {
  return addressesOf(record).some((own) => sameAddress(own, address));
}

/** The bridge and every interface of the node's in a VLAN of it. */
function entrancesOf(facts: Facts, bridge: Link): Entrance[] {
  const others = facts.links.flatMap((link): Entrance[] => {
    if (link.tag !== undefined && link.peer === bridge.ifindex)
      return [{ link, port: undefined, vlan: link.tag.vlan }];
    const port = findPort(facts.host, link);
    if (port === undefined || port.master !== bridge.ifindex || link.master !== 0) return [];
    return [{ link, port, vlan: vlanOf(facts.host, port) }];
  });
  return [{ link: bridge, port: undefined, vlan: undefined }, ...others];
}

/** Over IPv4 every interface of the node answers for all addresses of the node (arp_ignore), over IPv6 for its own. */
function findEntrance(facts: Facts, { bridge, address, vlan }: Searched): Entrance | undefined {
  const entrances = entrancesOf(facts, bridge);
  const holder = entrances.find(({ link }) =>
    listAddresses(facts.host, link.ifindex).some(({ prefix }) => sameAddress(prefix.address, address)),
  );
  if (holder !== undefined || address.family === 6) return holder;
  const answer = lookUpRoute(facts.host, { dst: address });
  if (isRefusal(answer) || answer.type !== RTN.LOCAL) return undefined;
  return entrances.find((entrance) => entrance.vlan !== undefined && entrance.vlan === vlan) ?? entrances[0];
}

function byMac(facts: Facts, { bridge, vlan }: Searched, mac: string): Receiver {
  const own = entrancesOf(facts, bridge).find(({ link }) => link.mac === mac);
  if (own !== undefined) return { kind: "node", entrance: own };
  const entry = listFdb(facts.host, bridge.ifindex).find(
    (one) => one.mac === mac && !one.isLocal && (one.vlan === 0 || vlan === undefined || one.vlan === vlan),
  );
  const port = facts.link(entry?.ifindex ?? 0);
  if (port === undefined) return { kind: "nobody" };
  const record = facts.living.find((one) => one.hostIfname === port.ifname);
  return record === undefined ? { kind: "port", port } : { kind: "pod", record };
}

/** The bridge's ports that are nobody's of ours: uplinks before others. */
function elsewhere(facts: Facts, bridge: Link): Receiver {
  const uplinks = new Set(facts.records.map(({ uplink }) => uplink?.ifname));
  const ports = facts.links.filter((link) => link.master === bridge.ifindex && !isOurs(facts, link));
  const uplink = ports.find(({ ifname }) => uplinks.has(ifname));
  if (uplink !== undefined) return { kind: "port", port: uplink };
  return ports.length === 0 ? { kind: "nobody" } : { kind: "ports", ports };
}

/** A pod's, or that of a gateway. */
function isOurs(facts: Facts, link: Link): boolean {
  return isMark(link.ifalias) || entrancePort(facts, link);
}

function entrancePort(facts: Facts, link: Link): boolean {
  const end = facts.link(link.kind === "veth" ? link.peer : 0);
  return end?.ifalias === GATEWAY_ALIAS;
}

/** Ports of the bridge that a frame for many goes to. */
export function otherPorts(facts: Facts, bridge: Link, port: Link): Link[] {
  return facts.links.filter(
    (link) =>
      link.master === bridge.ifindex &&
      link.ifindex !== port.ifindex &&
      !(link.isIsolated && port.isIsolated),
  );
}

/** The interface of the node that the pod's own is on, as a macvlan one is; undefined where there is none, or it is gone. */
export function parentOf({ host }: Facts, { uplink, hostIfname }: AttachmentRecord): Link | undefined {
  if (uplink === undefined || hostIfname !== undefined) return undefined;
  return getLink(host, uplink.vlan === undefined ? uplink.ifname : vlanIfnameOf(uplink.ifname, uplink.vlan));
}
