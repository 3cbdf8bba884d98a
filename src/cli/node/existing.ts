/** Nodes that are there: listed, shown, forgotten. */

import { NODES } from "../../cluster/nodes/files.ts";
import { ConfigLock, hasFile, removeObject } from "../../network/files/write-files.ts";
import type { Call } from "../command.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { describeFailure, refused, STATUS, toFailure } from "../failure.ts";
import { type OutputOptions, printList, printOne } from "../print.ts";
import { type OriginOptions, openOrigin, requireFiles } from "./origin.ts";
import { NODE_VIEW } from "./view.ts";

export type ShowOptions = OutputOptions & OriginOptions;

export async function listNodes({ options, finish }: Call<ShowOptions>): Promise<void> {
  const { nodes, faults, note } = await (await openOrigin(options)).list();
  printList(options, NODE_VIEW, nodes);
  if (note !== undefined) console.error(note);
  for (const fault of faults) console.error(describeFailure(toFailure(fault)));
  if (faults.length > 0) finish(STATUS.failed);
}

export async function getNode({ args: [name], options }: Call<ShowOptions, [name: string]>): Promise<void> {
  const node = await (await openOrigin(options)).get(name);
  if (node === undefined) throw missing(name);
  printOne(options, NODE_VIEW, node);
}

export type DeleteOptions = ConfirmOptions & Pick<OriginOptions, "local">;

export function deleteNode({ args: [name], options }: Call<DeleteOptions, [name: string]>): void {
  const { configDir } = options;
  requireFiles(options);
  if (!hasFile(configDir, NODES, { name })) throw missing(name);
  requireYes(options, `Forget node "${name}"? Its pods are not reached from here any more.`);
  using _lock = ConfigLock.take(configDir);
  removeObject(configDir, NODES, { name });
  console.log(`node "${name}" deleted`);
}

function missing(name: string) {
  return refused(`there is no node "${name}"`, "podwire node list shows all");
}
