/** Rules that netlink does not show: those of iptables before nf_tables. */

import type { Family } from "../../addr/address.ts";
import { readTextFileIfAny } from "../../linux/file.ts";
import { type Hop, warns } from "./hop.ts";

const FILES = { 4: "/proc/net/ip_tables_names", 6: "/proc/net/ip6_tables_names" } as const;
const PROGRAMS = { 4: "iptables-legacy", 6: "ip6tables-legacy" } as const;

/** Names of the tables that there are, one a line; empty where this kernel has none of that sort. */
export function readLegacyTables(family: Family): string {
  return readTextFileIfAny(FILES[family]) ?? "";
}

export function judgeLegacy(family: Family, tables: string): Hop[] {
  if (!tables.split("\n").includes("filter")) return [];
  const text = `there is a table "filter" of ${PROGRAMS[family]}, whose rules cannot be read by netlink: they may drop it`;
  return [warns("forward", text, `${PROGRAMS[family]} -S`)];
}
