/** Where the files of networks, tiers and endpoints are for one call. */

import { stringField } from "../../cni/json.ts";
import type { Request } from "../../cni/request.ts";
import { CONFIG_DIR } from "../../network/config-dir.ts";

/** The configuration's `configDir`, or the usual folder. */
export function configDirOf(request: Request): string {
  return stringField(request.netconf, "configDir") || CONFIG_DIR;
}
