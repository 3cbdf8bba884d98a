/** `podwire vf list`: every function of this node's cards. */

import type { Call } from "../command.ts";
import { type OutputOptions, printList } from "../print.ts";
import { listFunctions } from "./functions.ts";
import { PF_VIEW, VF_VIEW } from "./view.ts";

export function listAllFunctions({ options }: Call<OutputOptions>): void {
  const functions = listFunctions();
  if (functions.length === 0 && options.json !== true) {
    console.log("no card of this node has virtual functions (SR-IOV)");
    return;
  }
  printList(options, PF_VIEW, functions);
  const vfs = functions.flatMap((listed) => listed.vfs);
  if (options.json === true || vfs.length === 0) return;
  console.log();
  printList(options, VF_VIEW, vfs);
}
