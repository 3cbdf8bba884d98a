/** Nodes that are there: listed, shown, forgotten. */

import { NODES } from "../../cluster/nodes/files.ts";
import { listObjects, readObject } from "../../network/files/read-files.ts";
import { ConfigLock, hasFile, removeObject } from "../../network/files/write-files.ts";
import type { Call } from "../command.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { describeFailure, refused, STATUS, toFailure } from "../failure.ts";
import { type OutputOptions, printList, printOne } from "../print.ts";
import { NODE_VIEW } from "./view.ts";

export function listNodes({ options, finish }: Call<OutputOptions>): void {
  const { objects, faults } = listObjects(options.configDir, NODES);
  printList(options, NODE_VIEW, objects);
  for (const fault of faults) console.error(describeFailure(toFailure(fault)));
  if (faults.length > 0) finish(STATUS.failed);
}

export function getNode({ args: [name], options }: Call<OutputOptions, [name: string]>): void {
  const node = readObject(options.configDir, NODES, { name });
  if (node === undefined) throw missing(name);
  printOne(options, NODE_VIEW, node);
}

export type DeleteOptions = ConfirmOptions;

export function deleteNode({ args: [name], options }: Call<DeleteOptions, [name: string]>): void {
  const { configDir } = options;
  if (!hasFile(configDir, NODES, { name })) throw missing(name);
  requireYes(options, `Forget node "${name}"? Its pods are not reached from here any more.`);
  using _lock = ConfigLock.take(configDir);
  removeObject(configDir, NODES, { name });
  console.log(`node "${name}" deleted`);
}

function missing(name: string) {
  return refused(`there is no node "${name}"`, "podwire node list shows all");
}
