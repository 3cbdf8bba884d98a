/** The sets of the feature `cluster`: the agent's part of our tables. */

import type { Family } from "../addr/address.ts";
import type { Prefix } from "../addr/prefix.ts";
import { ignoringErrno } from "../linux/error.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { NetlinkError } from "../netlink/error.ts";
import type { SetElement } from "../netlink/netfilter/nf-tables.ts";
import type { NetfilterRequest, NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { toBounds } from "../netlink/netfilter/set-bound.ts";
import { dumpSet } from "./elements/query.ts";
import { MESSAGE_LIMIT, setAddress } from "./elements/requests.ts";
import { CLUSTER_SETS } from "./features/cluster.ts";
import { intervalElements, mergedIntervals } from "./tables/interval.ts";
import { hasTable } from "./tables/query.ts";
import { tableRequests } from "./tables/requests.ts";
import { inetTable } from "./tables/tables.ts";
import { areTablesWhole } from "./whole.ts";

export interface ClusterRanges {
  /** Networks of all pods of the cluster. */
  readonly pods: readonly Prefix[];
  /** Destinations beside them that see pods' own addresses. */
  readonly kept: readonly Prefix[];
}

interface WantedSet {
  readonly name: string;
  readonly elements: readonly SetElement[];
}

/**
 * Makes the sets so, with their tables, in one transaction; packets see the former or the new, never none.
 * @returns whether anything was not as it should be @throws {NetlinkError}
 */
export function putClusterRanges(socket: NetfilterSocket, ranges: ClusterRanges): boolean {
  const sets = setsOf(ranges);
  const isWhole = areTablesWhole(socket, [inetTable]);
  const changed = sets.filter((set) => !isWhole || !isAsWanted(socket, set));
  if (isWhole && changed.length === 0) return false;
  const base = isWhole ? [] : tableRequests(inetTable);
  const refusals = socket.transact([...base, ...changed.flatMap(replaceRequests)]);
  const refusal = refusals.find((each) => each !== undefined);
  if (refusal !== undefined) throw new NetlinkError(refusal);
  return true;
}

/** Empties the sets, where there are any. */
export function clearClusterRanges(socket: NetfilterSocket): void {
  if (hasTable(socket, inetTable)) putClusterRanges(socket, { pods: [], kept: [] });
}

function setsOf({ pods, kept }: ClusterRanges): WantedSet[] {
  const set = (name: string, prefixes: readonly Prefix[], family: Family) => {
    const intervals = mergedIntervals(prefixes, family);
    return { name, elements: intervals.length === 0 ? [] : intervalElements(family, intervals) };
  };
  return ([4, 6] as const).flatMap((family) => [
    set(CLUSTER_SETS[family].pods, pods, family),
    set(CLUSTER_SETS[family].seesPods, [...pods, ...kept], family),
  ]);
}

function isAsWanted(socket: NetfilterSocket, { name, elements }: WantedSet): boolean {
  const present = ignoringErrno(() => dumpSet(socket, "inet", name), undefined, "ENOENT");
  return present !== undefined && textOf(present) === textOf(elements);
}

function textOf(elements: readonly SetElement[]): string {
  const bounds = toBounds(elements) ?? [];
  return bounds
    .map(({ key, isEnd }) => `${key}${isEnd ? "-" : "+"}`)
    .sort()
    .join();
}

function replaceRequests({ name, elements }: WantedSet): NetfilterRequest[] {
  const set = setAddress("inet", name);
  const requests: NetfilterRequest[] = [{ message: "NFT_MSG_DELSETELEM", body: set }];
  for (let start = 0; start < elements.length; start += MESSAGE_LIMIT) {
    const part = elements.slice(start, start + MESSAGE_LIMIT);
    const body = { ...set, NFTA_SET_ELEM_LIST_ELEMENTS: part };
    requests.push({ message: "NFT_MSG_NEWSETELEM", flags: NLM_F.CREATE, body });
  }
  return requests;
}
