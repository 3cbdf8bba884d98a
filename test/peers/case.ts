/** The shape of one comparison: what is asked of the reference plugins and of podwire alike. */

import type { DifferenceId } from "./differences.ts";

/** One attachment to make. */
export interface Ask {
  /** Name of the namespace, also the container ID; default: pod1, pod2, … by position. */
  readonly pod?: string;
  /** Default: eth0. */
  readonly ifname?: string;
  /** CNI_ARGS. */
  readonly args?: string;
  /** Fields that replace those of the case's configuration. */
  readonly conf?: object;
}

export interface Case {
  readonly name: string;
  /** A configuration without `name` and `type`; `cniVersion` is 1.0.0 where it is absent. */
  readonly conf: { readonly ipam?: object; readonly [field: string]: unknown };
  /** Shell commands that make the node what it is before the first ADD. */
  readonly before?: string;
  /** Default: one pod. */
  readonly asks?: readonly Ask[];
  /** The rows of the table of differences that this case shows, beside those that every one shows. */
  readonly differences?: readonly DifferenceId[];
  /** True where Debian's reference plugins know neither field nor version. */
  readonly newestOnly?: true;
}

/** A case whose last ADD fails; those before it, if any, succeed. */
export interface FailingCase extends Case {
  /** podwire's error code; the reference has 999 for nearly all. */
  readonly code: number;
  /** What podwire's message and details name. */
  readonly names: string;
}
