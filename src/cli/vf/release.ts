/** `podwire vf release`: frees a virtual function whose pod has not given it back. */

import { releaseVf } from "../../node/release-vf.ts";
import { OUTPUT } from "../output.ts";
import type { Program } from "../program.ts";

const DESCRIPTION = `Frees a virtual function and puts it back as it was.

For one whose pod is gone without a DEL. All else of the pod's interface goes
too: its addresses, its record. Refused while the pod's network namespace is there.`;

const EXAMPLES = `
Examples:
  podwire vf release 0000:3b:02.1
  podwire vf release 3b:02.1 --force
      takes it from a pod that lives

Exit status: 0 nobody holds it now, 1 refused or failed, 2 wrong arguments.`;

interface ReleaseOptions {
  readonly force?: boolean;
}

export function addRelease({ command }: Program): void {
  command
    .command("release <pciAddress>")
    .summary("free a virtual function whose pod is gone")
    .description(DESCRIPTION)
    .option("-f, --force", "also where the pod lives")
    .addHelpText("after", EXAMPLES)
    .action((text: string, { force = false }: ReleaseOptions) => {
      const pciAddress = withDomain(text.toLowerCase());
      const holder = releaseVf(pciAddress, { force }, OUTPUT);
      console.log(
        holder === undefined
          ? `${pciAddress} was free: nobody held it`
          : `${pciAddress} is free; ${holder} had it`,
      );
    });
}

/** As lspci(8) leaves it away. */
function withDomain(pciAddress: string): string {
  return /^[0-9a-f]{2}:/.test(pciAddress) ? `0000:${pciAddress}` : pciAddress;
}
