/** `podwire vf release`: frees a virtual function whose pod has not given it back. */

import { releaseVf } from "../../node/release-vf.ts";
import type { Call } from "../command.ts";
import { OUTPUT } from "../output.ts";

export interface ReleaseOptions {
  readonly force?: boolean;
}

export function releaseFunction({ args: [text], options }: Call<ReleaseOptions, [pciAddress: string]>): void {
  const { force = false } = options;
  const pciAddress = withDomain(text.toLowerCase());
  const holder = releaseVf(pciAddress, { force }, OUTPUT);
  console.log(
    holder === undefined
      ? `${pciAddress} was free: nobody held it`
      : `${pciAddress} is free; ${holder} had it`,
  );
}

/** As lspci(8) leaves it away. */
function withDomain(pciAddress: string): string {
  return /^[0-9a-f]{2}:/.test(pciAddress) ? `0000:${pciAddress}` : pciAddress;
}
