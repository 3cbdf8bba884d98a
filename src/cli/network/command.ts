/** `podwire network`: the networks that pods can ask for by name. */

import type { Program } from "../program.ts";
import { addCreate } from "./create.ts";
import { addDelete } from "./delete.ts";
import { addGet } from "./get.ts";
import { addList } from "./list.ts";
import { addUpdate } from "./update.ts";

const DESCRIPTION = `Networks that pods can ask for by name.

A network is one file, <config-dir>/networks/<name>.json; these commands write
it, and so may you. A pod asks for it by the annotation
diamanti.com/endpoint0: '{"network":"web","perfTier":"high"}'`;

const EXAMPLES = `
Examples:
  podwire network list
  podwire network create --help
  podwire network delete web`;

export function addNetwork({ command, finish }: Program): void {
  const group = command
    .command("network")
    .summary("networks that pods can ask for by name")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES);
  for (const add of [addCreate, addList, addGet, addUpdate, addDelete]) add({ command: group, finish });
}
