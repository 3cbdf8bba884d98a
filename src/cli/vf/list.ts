/** `podwire vf list`: every function of this node's cards. */

import { type OutputOptions, printList } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { listFunctions } from "./functions.ts";
import { PF_VIEW, VF_VIEW } from "./view.ts";

const DESCRIPTION = `Lists the physical functions of this node and their virtual functions.

VLAN, MAC, rates, spoof check, trust and link are as the physical function has
them: the pod cannot change them. RESERVED is the bandwidth that performance
tiers guarantee to the holders. A VF without a driver, or whose interface is in a
network namespace, has no INTERFACE here.`;

const EXAMPLES = `
Examples:
  podwire vf list
  podwire vf list --json | jq -r '.[].vfs[] | select(.claim == null).pciAddress'
      the VFs that nobody holds

Exit status: 0 done, 1 failed, 2 wrong arguments.`;

export function addList({ command }: Program): void {
  command
    .command("list")
    .summary("list physical and virtual functions, and who holds them")
    .description(DESCRIPTION)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((_options, self) => {
      const options = allOptions<OutputOptions>(self);
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
    });
}
