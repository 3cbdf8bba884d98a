/** Where a plugin call's words go beside its one document. */

import type { Report } from "../ipam/store.ts";
import type { Trace } from "../netlink/debug.ts";

/** Where lines for people go, and netlink messages if somebody wants to see them. */
export interface Output {
  readonly report: Report;
  readonly trace: Trace | undefined;
}
