/** `podwire addresses`: how full each pool is, and who has its addresses. */

import { formatAddress } from "../../addr/address.ts";
import { type Holder, isFree, listHolders, type NodeFacts, readNodeFacts } from "../../node/holders.ts";
import { usageOfPool } from "../../node/pool-usage.ts";
import { listPools, type Pool } from "../../node/pools.ts";
import { refused } from "../failure.ts";
import { type OutputOptions, printList } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { HOLDER_VIEW, type ListedHolder, SET_VIEW } from "./view.ts";

const DESCRIPTION = `Shows how full the address pools of this node are.

A pool is a network of /etc/cni/net.d whose plugin is podwire or another that
takes addresses from host-local's files, or a network by name. TOTAL counts what
can be given out; addresses that endpoints keep count as used. Where no
configuration tells the range, it is "?".

An address is stale where its holder has no record and no interface has it, or
where the holder's network namespace is gone: podwire gc frees it.`;

const EXAMPLES = `
Examples:
  podwire addresses
  podwire addresses web --holders
      who has the addresses of one network
  podwire addresses --stale
      addresses that nobody alive has
  podwire addresses --json | jq '.[] | select(.free == 0)'
      pools that are empty

Exit status: 0 done, 1 there is no such network, 2 called with wrong arguments.`;

interface AddressesOptions extends OutputOptions {
  readonly holders?: true;
  readonly stale?: true;
}

/** A pool with those who hold its addresses. */
interface Held {
  readonly pool: Pool;
  readonly holders: readonly Holder[];
}

export function addAddresses({ command }: Program): void {
  command
    .command("addresses [network]")
    .summary("how full address pools are, and who holds what")
    .description(DESCRIPTION)
    .option("--holders", "who has each address")
    .option("--stale", "only addresses that nobody alive has")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((network: string | undefined, _options, self) => {
      const options = allOptions<AddressesOptions>(self);
      const facts = readNodeFacts();
      const held = choosePools(options.configDir, network).map((pool) => toHeld(pool, facts));
      if (options.holders === true || options.stale === true) printHolders(options, held);
      else printSets(options, held);
    });
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
