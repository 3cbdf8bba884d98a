/** Tables of the kernel that every pod fills: neighbours and connections. */

import { readTextFileIfAny } from "../../../../linux/file.ts";
import type { Facts } from "../../facts.ts";
import { type Check, type Finding, fault, orOk, warning } from "../../finding.ts";
import { dotted } from "./sysctls.ts";

export const LIMIT_CHECKS: readonly Check[] = [
  { group: "sysctls", name: "limits", run: ({ sysctl }) => judgeLimits(readLimits(sysctl)) },
];

/** A table of the kernel, how many entries it has, and may have. */
export interface Limit {
  readonly what: string;
  /** Key of the parameter. */
  readonly key: string;
  readonly used: number;
  readonly most: number;
  /** What it means for pods when it is full. */
  readonly meaning: string;
}

/** Those that this network namespace shows: neighbours are counted for the whole machine, in its first one. */
function readLimits(sysctl: Facts["sysctl"]): Limit[] {
  const unreachable = "pods and the node cannot reach addresses that they have not reached lately";
  return [
    limitOf(
      "IPv4 neighbours",
      "net/ipv4/neigh/default/gc_thresh3",
      readEntries("arp_cache"),
      unreachable,
      sysctl,
    ),
    limitOf(
      "IPv6 neighbours",
      "net/ipv6/neigh/default/gc_thresh3",
      readEntries("ndisc_cache"),
      unreachable,
      sysctl,
    ),
    limitOf(
      "connections",
      "net/netfilter/nf_conntrack_max",
      Number(sysctl("net/netfilter/nf_conntrack_count")),
      'packets of new connections are dropped: the kernel says "nf_conntrack: table full"',
      sysctl,
    ),
  ].flat();
}

function limitOf(what: string, key: string, used: number, meaning: string, sysctl: Facts["sysctl"]): Limit[] {
  const most = Number(sysctl(key));
  return most > 0 && used >= 0 ? [{ what, key, used, most, meaning }] : [];
}

/** The first column, hexadecimal, is the same for each processor; NaN where there is no such file. */
function readEntries(name: string): number {
  const [, first = ""] = (readTextFileIfAny(`/proc/net/stat/${name}`) ?? "").split("\n");
  return Number.parseInt(first, 16);
}

const NEARLY_FULL = 0.8;

export function judgeLimits(limits: readonly Limit[]): Finding[] {
  const troubles = limits.flatMap(({ what, key, used, most, meaning }) => {
    if (used < most * NEARLY_FULL) return [];
    const command = `sysctl -w ${dotted(key)}=${most * 2}`;
    const text = `${used} of ${most} ${what}`;
    return used >= most
      ? [fault(`${text}: the table is full`, { meaning, command })]
      : [warning(text, { meaning: `when it is full, ${meaning}`, command })];
  });
  const details = limits.map(({ what, used, most }) => `${used} of ${most} ${what}`);
  return orOk(troubles, "tables of neighbours and connections have room", details);
}
