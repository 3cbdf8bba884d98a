/** `podwire addresses`: how full each pool is, and who has its addresses. */

import { formatAddress } from "../../addr/address.ts";
import { type Holder, isFree, listHolders, type NodeFacts, readNodeFacts } from "../../node/holders.ts";
import { usageOfPool } from "../../node/pool-usage.ts";
import { listPools, type Pool } from "../../node/pools.ts";
import type { Call } from "../command.ts";
import { refused } from "../failure.ts";
import { type OutputOptions, printList } from "../print.ts";
import { HOLDER_VIEW, type ListedHolder, SET_VIEW } from "./view.ts";

export interface AddressesOptions extends OutputOptions {
  readonly holders?: true;
  readonly stale?: true;
}

/** A pool with those who hold its addresses. */
interface Held {
  readonly pool: Pool;
  readonly holders: readonly Holder[];
}

type AddressesArgs = [network: string | undefined];

export function runAddresses({ args: [network], options }: Call<AddressesOptions, AddressesArgs>): void {
  const facts = readNodeFacts();
  const held = choosePools(options.configDir, network).map((pool) => toHeld(pool, facts));
  if (options.holders === true || options.stale === true) printHolders(options, held);
  else printSets(options, held);
}

function choosePools(configDir: string, network: string | undefined): Pool[] {
  const pools = listPools(configDir);
  const chosen = pools.filter((pool) => network === undefined || pool.network === network);
  if (chosen.length > 0 || network === undefined) return chosen;
  const names = [...new Set(pools.map((pool) => pool.network))].join(", ");
  throw refused(
    `no network "${network}" has addresses`,
    names === "" ? "there is none" : `there are: ${names}`,
  );
}

function toHeld(pool: Pool, facts: NodeFacts): Held {
  return { pool, holders: listHolders(pool, facts) };
}

function printSets(options: AddressesOptions, held: readonly Held[]): void {
  const sets = held.flatMap(({ pool, holders }) =>
    usageOfPool(
      pool,
      holders.map(({ address }) => address),
    ),
  );
  printList(options, SET_VIEW, sets);
  const stale = held.flatMap(({ holders }) => holders.filter(isFree)).length;
  if (options.json === true || stale === 0) return;
  const subject = stale === 1 ? "1 of them is" : `${stale} of them are`;
  console.log(`\n${subject} stale: podwire addresses --stale shows them, podwire gc frees them`);
}

function printHolders(options: AddressesOptions, held: readonly Held[]): void {
  const listed = held.flatMap((one) => [
    ...one.holders.map((holder) => ({ ...holder, network: one.pool.network })),
    ...(options.stale === true ? [] : keptOf(one)),
  ]);
  printList(
    options,
    HOLDER_VIEW,
    listed.filter(({ state }) => options.stale !== true || state === "gone" || state === "stale"),
  );
}

/** Addresses of endpoints that no pod uses now. */
function keptOf({ pool, holders }: Held): ListedHolder[] {
  const taken = new Set(holders.map(({ address }) => formatAddress(address)));
  return pool.endpoints.flatMap(({ namespace, name, addresses }) =>
    addresses
      .filter((address) => !taken.has(formatAddress(address)))
      .map((address) => ({
        network: pool.network,
        address,
        owner: undefined,
        record: undefined,
        state: "kept" as const,
        endpoint: `${namespace}/${name}`,
      })),
  );
}
