/** `podwire vf`: the SR-IOV cards of this node and their virtual functions. */

import type { Program } from "../program.ts";
import { addList } from "./list.ts";
import { addRelease } from "./release.ts";
import { addSetCount } from "./set-count.ts";

const DESCRIPTION = `Physical and virtual functions of this node's network cards (SR-IOV).

A pod on a network that was made with --attach sriov gets a virtual function
(VF) of one of the network's physical functions (PF), and has it alone.`;

const EXAMPLES = `
Examples:
  podwire vf list
  podwire vf set-count ens1f0 8
  podwire vf release 0000:3b:02.1`;

export function addVf({ command, finish }: Program): void {
  const group = command
    .command("vf")
    .summary("virtual functions of SR-IOV cards")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES);
  for (const add of [addList, addSetCount, addRelease]) add({ command: group, finish });
}
