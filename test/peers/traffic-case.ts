/** The shape of one comparison of traffic: what is attached on either side, and which host ports are asked. */

import type { TrafficDifferenceId } from "./traffic-differences.ts";

export interface TrafficCase {
  readonly name: string;
  /** Fields of the bridge, for podwire's one entry and for the reference's `bridge`. */
  readonly bridge?: object;
  /** Fields of host ports, for podwire's one entry and for the reference's `portmap`. */
  readonly portmap?: object;
  /** Host ports of pod c1. */
  readonly portMappings: readonly object[];
  /** On which interface of c1 they stand; with `net1`, c1 has a second network as well. Default: eth0. */
  readonly ifname?: "eth0" | "net1";
  /** What is asked at every address of the node; default: `tcp 8080`. */
  readonly targets?: readonly string[];
  /** Whether iptables sees frames that a bridge passes on; default: no, as without a program that turns it on. */
  readonly brNetfilter?: true;
  /** The rows of the table of differences that this case shows, beside those that every one shows. */
  readonly differences?: readonly TrafficDifferenceId[];
}
