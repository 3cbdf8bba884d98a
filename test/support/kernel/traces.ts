/** What tells of attachments on a node: their records, reservations, rules and interfaces, as other programs see them. */

import type { Node } from "../node/node.ts";
import { ownersOf } from "./traffic-rules.ts";

export interface Traces {
  readonly records: readonly string[];
  /** `network/address` */
  readonly reservations: readonly string[];
  /** Comments of elements in our tables. */
  readonly owners: readonly string[];
  /** Aliases of interfaces, those of bridges left out. */
  readonly links: readonly string[];
}

export const NO_TRACES: Traces = { records: [], reservations: [], owners: [], links: [] };

export function tracesOf(node: Node): Traces {
  const lines = (script: string) => node.sh(script).split("\n").filter(Boolean).sort();
  const links: { ifalias?: string }[] = node.json("ip -j link show");
  return {
    records: lines(
      "cd /run/podwire 2>/dev/null && find . -name '*.json' | sed 's,^./,,; s,.json$,,' || true",
    ),
    reservations: lines(
      "cd /var/lib/cni && find . -type f | grep -E '/[0-9a-f.:]+$' | sed -E 's,^.*/([^/]*/[^/]*)$,\\1,' || true",
    ),
    owners: ownersOf(node),
    links: links
      .flatMap(({ ifalias }) => ifalias ?? [])
      .filter((alias) => alias.includes("/"))
      .sort(),
  };
}
