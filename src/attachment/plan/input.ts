/** What a plan is made from: the attachment's names and the decoded configuration. */

import type { Request } from "../../cni/request.ts";
import { CONFIG_DIR } from "../../network/files/read-files.ts";
import type { Endpoint, Network, PerfTier } from "../../network/model.ts";

/** Every request is one; `podwire doctor` makes others, of configurations that no runtime has called with. */
export type PlanInput = Pick<
  Request,
  "network" | "containerId" | "ifname" | "args" | "cniVersion" | "netconf"
>;

/** One interface's network, tier and, where it has one, persistent endpoint. */
export interface ResolvedNetwork {
  readonly network: Network;
  readonly tier: PerfTier;
  readonly endpoint?: Endpoint;
  readonly metric?: number;
}

/** Where the files of networks, tiers and endpoints are. @throws {CniError} 7: `configDir` is no text */
export function configDirOf({ netconf }: Pick<PlanInput, "netconf">): string {
  return netconf.configDir ?? CONFIG_DIR;
}
