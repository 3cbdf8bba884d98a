/** What a plugin call has beside its request and its one document. */

import type { Report } from "../ipam/store.ts";
import type { Trace } from "../netlink/debug.ts";

/** The part of the program for networks by name, GC and STATUS. */
export type Named = typeof import("./late.ts");

export interface Output {
  /** Where lines for people go. */
  readonly report: Report;
  /** Where netlink messages go, if somebody wants to see them. */
  readonly trace: Trace | undefined;
  /** Loaded for GC and STATUS, and where the call may be about a network by name, see `mayBeNamed`. */
  readonly named?: Named;
}
