/** What the rows of named networks are called. */

import type { Verb } from "../site.ts";

export const NETWORKS = 200;
export const ADDRESSES = 20_000;

export const LIST = `network list, ${NETWORKS} networks, ${ADDRESSES} addresses`;
export const CHOICE = "choice among 256 virtual functions";

export function titleOf(verb: Verb): string {
  return `${verb} on a network by name`;
}
