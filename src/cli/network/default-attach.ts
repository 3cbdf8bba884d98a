/** How pods are attached where the options do not say. */

import type { Pf } from "../../sriov/sysfs.ts";
import { misused, refused } from "../failure.ts";
import type { CreateOptions } from "./document.ts";
import { describePfs } from "./fit.ts";

/** Fills in `--attach sriov` and `--pf`: all physical functions of the node that have virtual ones. @throws {Failure} */
export function withAttach(options: CreateOptions, pfs: readonly Pf[]): CreateOptions {
  if (options.attach === undefined && options.uplink !== undefined) {
    throw misused(`--uplink ${options.uplink}: how?`, "give --attach bridge or --attach macvlan too");
  }
  const { attach = "sriov" } = options;
  if (attach !== "sriov" || options.pf !== undefined) return { ...options, attach };
  const pf = pfs.filter(({ numVfs }) => numVfs > 0).map(({ ifname }) => ifname);
  if (pf.length > 0) return { ...options, attach, pf };
  throw refused(
    "no physical function of this node has virtual functions to give",
    pfs.length === 0
      ? describePfs(pfs)
      : `${describePfs(pfs)}: make some with podwire vf set-count PF NUMBER`,
  );
}
