/** What an attachment wants of our tables. */

import type { Element } from "./elements/element.ts";
import { FEATURES, type PodTraffic } from "./features/list.ts";
import { raGuard } from "./features/ra-guard.ts";
import type { TableDefinition } from "./tables/definition.ts";
import type { HashedChain } from "./tables/hashed-chain.ts";
import { TABLES } from "./tables/tables.ts";

export interface Wanted {
  readonly elements: readonly Element[];
  /** The rule of the RA guard, which holds without elements. */
  readonly hasRaGuard?: true;
}

/** The elements of every feature; those that pods share come first. */
export function wantedBy(pod: PodTraffic): Wanted {
  const elements = FEATURES.flatMap((feature) => feature.elementsOf(pod));
  const isShared = ({ owner }: Element) => owner === "";
  return {
    elements: [...elements.filter(isShared), ...elements.filter((element) => !isShared(element))],
    ...(pod.raGuard === undefined ? {} : { hasRaGuard: true }),
  };
}

/** The tables that the elements and the RA guard are in. */
export function tablesOf({ elements, hasRaGuard }: Wanted): TableDefinition[] {
  const isWanted = ({ kind }: TableDefinition) =>
    elements.some(({ table }) => table === kind) || (hasRaGuard === true && kind === raGuard.table);
  return TABLES.filter(isWanted);
}

/** The hashed chains that the elements lead to, each once. */
export function hashedChainsOf({ elements }: Wanted): HashedChain[] {
  const chains = elements.flatMap(({ target }) => target ?? []);
  return [...new Map(chains.map((chain) => [chain.name, chain])).values()];
}
