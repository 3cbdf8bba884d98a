/** What the node is asked, each thing once and not before a check wants it. */

import type { Prefix } from "../../addr/prefix.ts";
import { listLiving } from "../../attachment/leftovers/liveness.ts";
import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { listLocalPrefixes } from "../../link/address.ts";
import { type Link, listLinks } from "../../link/link.ts";
import { type ListedRoute, listRoutes } from "../../link/route.ts";
import { listOwnNetworks } from "../../link/route-lookup.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import { type RouteSocket, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { type Configuration, listConfigurations } from "../../node/configurations.ts";
import { type Holder, listHolders, type NodeFacts, readNodeFacts } from "../../node/holders.ts";
import { listPools, type Pool } from "../../node/pools.ts";
import type { Receipt } from "../install/find-receipt.ts";
import { type NamedObjects, readNamed } from "./named.ts";
import { type OwnNetwork, toOwnNetworks } from "./own-network.ts";
import type { Directories, Places } from "./places.ts";

/** A pool with the holders of its addresses. */
export interface HeldPool {
  readonly pool: Pool;
  readonly holders: readonly Holder[];
}

export interface NodeAddress {
  readonly ifname: string;
  readonly prefix: Prefix;
}

export interface Facts {
  readonly directories: Directories;
  /** Of podwire install: the first one says where the directories are, unless an option does. */
  readonly receipts: readonly Receipt[];
  /** Each of these throws where the node does not answer. */
  configurations(): readonly Configuration[];
  /** The entries of podwire that an ADD could follow. */
  own(): readonly OwnNetwork[];
  named(): NamedObjects;
  records(): readonly AttachmentRecord[];
  /** Those of them whose pods are there. */
  living(): readonly AttachmentRecord[];
  links(): readonly Link[];
  routes(): readonly ListedRoute[];
  /** Addresses of the node itself, with the names of their interfaces. */
  addresses(): readonly NodeAddress[];
  /** What the node takes as its own: addresses, and networks of local routes. */
  ownNetworks(): readonly Prefix[];
  /** Who has which address; looks into every namespace, at most once. */
  node(): NodeFacts;
  pools(): readonly HeldPool[];
  /** Undefined where this kernel has no such key. */
  sysctl(key: string): string | undefined;
}

export function readFacts(places: Places): Facts {
  const { directories, receipts } = places;
  const { configDir, confDir } = directories;
  const configurations = once(() => listConfigurations(directories.confDir));
  const node = once(readNodeFacts);
  const records = once(listRecords);
  const links = once(() => ask(listLinks));
  return {
    directories,
    receipts,
    configurations,
    own: once(() => configurations().flatMap(toOwnNetworks)),
    named: once(() => readNamed(configDir)),
    records,
    living: once(() => ask((host) => listLiving(records(), host))),
    links,
    routes: once(() => ask(listRoutes)),
    addresses: once(() => ask((host) => listNodeAddresses(host, links()))),
    ownNetworks: once(() => ask(listOwnNetworks)),
    node,
    pools: once(() =>
      listPools(configDir, confDir).map((pool) => ({ pool, holders: listHolders(pool, node()) })),
    ),
    sysctl: readSysctl,
  };
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

function listNodeAddresses(host: RouteSocket, links: readonly Link[]): NodeAddress[] {
  const names = new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname]));
  return listLocalPrefixes(host).map(({ ifindex, prefix }) => ({ ifname: names.get(ifindex) ?? "", prefix }));
}

function ask<T>(question: (socket: RouteSocket) => T): T {
  using socket = NetlinkSocket.open(rtnetlink);
  return question(socket);
}
