/** `podwire node create`: a node of the cluster as a file. */

import { formatPrefix, prefixesOverlap } from "../../addr/prefix.ts";
import { NODES } from "../../cluster/nodes/files.ts";
import { decodeNode, isNodeName, WANT_NODE_NAME } from "../../cluster/nodes/format.ts";
import type { ClusterNode } from "../../cluster/nodes/node.ts";
import { listObjects } from "../../network/files/read-files.ts";
import { ConfigLock, createObject, hasFile } from "../../network/files/write-files.ts";
import { documentOf, InvalidFile } from "../../network/format/document.ts";
import type { Call } from "../command.ts";
import { misused, refused } from "../failure.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { type OriginOptions, requireFiles } from "./origin.ts";
import { NODE_VIEW } from "./view.ts";

export interface CreateOptions extends OutputOptions, Pick<OriginOptions, "local"> {
  readonly address: readonly string[];
  readonly range: readonly string[];
  readonly mtu?: string;
}

export function createNode({ args: [name], options }: Call<CreateOptions, [name: string]>): void {
  const { configDir } = options;
  requireFiles(options);
  const node = decodeOptions(name, options);
  using _lock = ConfigLock.take(configDir);
  if (hasFile(configDir, NODES, node))
    throw refused(`there is a node "${name}" already`, `podwire node get ${name} shows it`);
  const { objects } = listObjects(configDir, NODES);
  requireOwnRanges(node, objects);
  createObject(configDir, NODES, node);
  if (options.json === true) printOne(options, NODE_VIEW, node);
  else console.log(`node "${name}" created`);
}

/** @throws {Failure} naming the option that is wrong */
function decodeOptions(name: string, { address: addresses, range: ranges, mtu }: CreateOptions): ClusterNode {
  if (!isNodeName(name)) throw misused(`node "${name}": want ${WANT_NODE_NAME}`);
  const given = mtu === undefined ? {} : { mtu: /^\d+$/.test(mtu) ? Number(mtu) : mtu };
  try {
    return decodeNode(documentOf("", { addresses, ranges, ...given }), name);
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    throw misused(`node "${name}": ${error.field}: ${error.problem}`);
  }
}

/** @throws {Failure} another node has such a range, or such an address */
function requireOwnRanges({ ranges }: ClusterNode, others: readonly ClusterNode[]): void {
  for (const other of others)
    for (const range of ranges) {
      const same = other.ranges.find((one) => prefixesOverlap(one, range));
      if (same !== undefined)
        throw refused(
          `range ${formatPrefix(range)} overlaps ${formatPrefix(same)} of node "${other.name}"`,
          "podwire node list shows which are taken",
        );
    }
}
