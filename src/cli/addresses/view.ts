/** Pools and holders of addresses as people and programs see them. */

import { formatAddress } from "../../addr/address.ts";
import type { Holder } from "../../node/holders.ts";
import { freeOf, type SetUsage } from "../../node/pool-usage.ts";
import { shortId } from "../format.ts";
import type { View } from "../print.ts";

export const SET_VIEW: View<SetUsage> = {
  headers: ["NETWORK", "RANGE", "TOTAL", "USED", "FREE", ""],

  toRow({ network, range, used, total }) {
    return [
      network,
      range === "" ? "?" : range,
      total === undefined ? "" : formatCount(total),
      String(used),
      total === undefined ? "" : formatCount(freeOf(total, used)),
      total === undefined ? "" : formatBar(used, total),
    ];
  },

  toJson({ network, dataDir, range, used, total }) {
    return {
      network,
      directory: `${dataDir}/${network}`,
      range: range || null,
      total: total === undefined ? null : toJsonNumber(total),
      used,
      free: total === undefined ? null : toJsonNumber(freeOf(total, used)),
    };
  },
};

/** A number, or text for what a number in JSON cannot hold: the size of most IPv6 ranges. */
function toJsonNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

const LONGEST_EXACT = 9_999_999n;

/** `65533`, or `1.8e19` for what nobody counts. */
export function formatCount(count: bigint): string {
  if (count <= LONGEST_EXACT) return String(count);
  const digits = String(count);
  return `${digits[0]}.${digits[1]}e${digits.length - 1}`;
}

const BAR_LENGTH = 20;

/** `████░░░░░░░░░░░░░░░░ 20 %`: one cell at least where anything is used, all of them where nothing is free alone. */
export function formatBar(used: number, total: bigint): string {
  const share = total === 0n ? 1 : Math.min(1, used / Number(total));
  const cells = Math.floor(share * BAR_LENGTH);
  const filled = used > 0 ? Math.max(1, cells) : cells;
  return `${"█".repeat(filled)}${"░".repeat(BAR_LENGTH - filled)} ${Math.floor(share * 100)} %`;
}

/** A holder with the pool that the address is of. */
export interface ListedHolder extends Pick<Holder, "address" | "owner" | "record"> {
  readonly network: string;
  readonly state: Holder["state"] | "kept";
  /** Of an address that an endpoint keeps. */
  readonly endpoint?: string;
}

const STATES: Readonly<Record<ListedHolder["state"], string>> = {
  live: "",
  foreign: "no record: another plugin's pod",
  new: "no record: reserved just now",
  gone: "stale: network namespace gone",
  stale: "stale: nobody has it",
  kept: "kept for its endpoint",
};

export const HOLDER_VIEW: View<ListedHolder> = {
  headers: ["NETWORK", "ADDRESS", "POD", "CONTAINER", "INTERFACE", "STATE"],

  toRow({ network, address, owner, record, state, endpoint }) {
    const pod = record?.pod;
    return [
      network,
      formatAddress(address),
      pod === undefined ? (endpoint ?? "") : `${pod.namespace}/${pod.name}`,
      owner === undefined ? "" : shortId(owner.containerId),
      owner?.ifname ?? "",
      STATES[state],
    ];
  },

  toJson({ network, address, owner, record, state, endpoint }) {
    return {
      network,
      address: formatAddress(address),
      containerId: owner?.containerId ?? null,
      ifname: owner?.ifname ?? null,
      pod: record?.pod ?? null,
      endpoint: endpoint ?? null,
      state,
    };
  },
};
