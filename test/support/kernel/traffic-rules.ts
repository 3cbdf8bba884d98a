/** What the packet filter of a node holds, asked with nft and /proc: never with our own decoders. */

import type { Node } from "../node/node.ts";

// biome-ignore lint/suspicious/noExplicitAny: documents of nft, looked into by tests
type Document = any;

/** One element of one of our sets and maps. */
export interface Element {
  /** `inet podwire` or `bridge podwire`. */
  readonly table: string;
  readonly set: string;
  /** As nft takes it: `tcp . 8080`. */
  readonly key: string;
  /** `mynet/c1/eth0`; empty for what attachments share. */
  readonly comment: string;
}

/** Every table, chain, rule, set and element, in no table's order and without handles, to be compared. */
export function rulesetOf(node: Node): string[] {
  const { nftables } = node.json("nft -j list ruleset");
  return nftables.filter((entry: Document) => entry.metainfo === undefined).flatMap(linesOf);
}

function linesOf(entry: Document): string[] {
  const [kind = ""] = Object.keys(entry);
  const { handle: _handle, elem = [], ...rest } = entry[kind];
  const elements = elem.map((element: Document) => `${rest.table} ${rest.name} ${JSON.stringify(element)}`);
  return [`${kind} ${JSON.stringify(rest)}`, ...elements.toSorted()];
}

/** The elements that belong to attachments: those with a comment, of all tables of ours. */
export function elementsOf(node: Node): Element[] {
  return allElements(node).filter(({ comment }) => comment !== "");
}

/** The elements that attachments share. */
export function sharedElementsOf(node: Node): Element[] {
  return allElements(node).filter(({ comment }) => comment === "");
}

function allElements(node: Node): Element[] {
  const { nftables } = node.json("nft -j list ruleset");
  const sets = nftables.flatMap((entry: Document) => entry.set ?? entry.map ?? []);
  return sets.filter((set: Document) => set.table === "podwire").flatMap(elementsOfSet);
}

function elementsOfSet({ family, table, name, elem = [] }: Document): Element[] {
  return elem.flatMap((entry: Document) => {
    const given = Array.isArray(entry) ? entry[0] : entry;
    const element = given.elem ?? { val: given };
    return {
      table: `${family} ${table}`,
      set: name,
      key: keyOf(element.val),
      comment: element.comment ?? "",
    };
  });
}

function keyOf(value: Document): string {
  if (typeof value !== "object") return String(value);
  if (value.prefix !== undefined) return `${value.prefix.addr}/${value.prefix.len}`;
  return value.concat.map(keyOf).join(" . ");
}

/** The comments of those elements, each once: whose elements there are. */
export function ownersOf(node: Node): string[] {
  return [...new Set(elementsOf(node).map(({ comment }) => comment))].toSorted();
}

/** Tracked connections with every given text in them, as `/proc/net/nf_conntrack` shows them. */
export function connectionsOf(node: Node, ...texts: readonly string[]): string[] {
  const lines = node.sh("cat /proc/net/nf_conntrack").split("\n");
  return lines.filter((line) => line !== "" && texts.every((text) => line.includes(text)));
}
