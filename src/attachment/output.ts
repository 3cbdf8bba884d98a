/** What a plugin call has beside its request and its one document. */

import type { Report } from "../linux/report.ts";
import type { Trace } from "../netlink/debug.ts";

export interface Output {
  /** Where lines for people go. */
  readonly report: Report;
  /** Where netlink messages go, if somebody wants to see them. */
  readonly trace: Trace | undefined;
}
