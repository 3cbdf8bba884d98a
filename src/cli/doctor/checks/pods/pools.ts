/** How near to their end the pools of addresses are. */

import { formatAddress } from "../../../../addr/address.ts";
import { isFree } from "../../../../node/holders.ts";
import { freeOf, type SetUsage, usageOfPool } from "../../../../node/pool-usage.ts";
import { formatBar, formatCount } from "../../../addresses/view.ts";
import type { HeldPool } from "../../facts.ts";
import { type Check, count, type Finding, fault, orOk, warning } from "../../finding.ts";

export const POOL_CHECKS: readonly Check[] = [
  { group: "pools", name: "usage", run: ({ pools }) => judgePools(pools().flatMap(toUsages)) },
];

const NEARLY_FULL = 0.8;

/** A range set, and how many of its pool's reservations gc frees. */
export interface Usage extends SetUsage {
  readonly stale: number;
}

function toUsages({ pool, holders }: HeldPool): Usage[] {
  const stale = new Set(holders.filter(isFree).map(({ address }) => formatAddress(address))).size;
  return usageOfPool(
    pool,
    holders.map(({ address }) => address),
  ).map((set) => ({ ...set, stale }));
}

/** Pools that no configuration has are not judged: nobody takes addresses from them. */
export function judgePools(usages: readonly Usage[]): Finding[] {
  const known = usages.filter(({ total }) => total !== undefined);
  const details = known.map(
    ({ network, range, used, total = 0n }) =>
      `${network} ${range}: ${formatBar(used, total)}, ${formatCount(freeOf(total, used))} free`,
  );
  const text =
    known.length === 0
      ? "no configuration has a pool"
      : `${count(known.length, "range")} with enough addresses`;
  return orOk(known.flatMap(judgeUsage), text, details);
}

function judgeUsage({ network, range, used, total = 0n, stale }: Usage): Finding[] {
  const share = total === 0n ? 1 : used / Number(total);
  if (share < NEARLY_FULL) return [];
  const free = freeOf(total, used);
  const command = stale > 0 ? "podwire gc" : `podwire addresses ${network} --holders`;
  const way = stale > 0 ? `gc frees ${stale} of them` : "delete pods, or extend the range";
  if (free === 0n) {
    return [
      fault(`network "${network}": all ${formatCount(total)} addresses of ${range} are taken`, {
        meaning: `the next pod gets no address, and does not start (code 11): ${way}`,
        command,
      }),
    ];
  }
  return [
    warning(`network "${network}": ${used} of ${formatCount(total)} addresses of ${range} are taken`, {
      meaning: `${formatCount(free)} more pods find an address: ${way}`,
      command,
    }),
  ];
}
