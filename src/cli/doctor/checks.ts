/** Every check, in the order in which a person reads them: what pods stand on first. */

import { AGENT_CHECKS } from "./agent.ts";
import { CONFIGURATION_CHECKS } from "./configuration.ts";
import { DRIFT_CHECKS } from "./drift.ts";
import { EXECUTABLE_CHECKS } from "./executable.ts";
import type { Check } from "./finding.ts";
import { FIREWALL_CHECKS } from "./firewall.ts";
import { FOLDER_CHECKS } from "./folders.ts";
import { KERNEL_CHECKS } from "./kernel.ts";
import { LEAK_CHECKS } from "./leaks.ts";
import { LIMIT_CHECKS } from "./limits.ts";
import { MTU_CHECKS } from "./mtu.ts";
import { NETWORK_CHECKS } from "./networks.ts";
import { POOL_CHECKS } from "./pools.ts";
import { RIGHTS_CHECKS } from "./rights.ts";
import { ROUTE_CHECKS } from "./routes.ts";
import { SYSCTL_CHECKS } from "./sysctls.ts";
import { VF_CHECKS } from "./vfs.ts";

export const CHECKS: readonly Check[] = [
  ...RIGHTS_CHECKS,
  ...KERNEL_CHECKS,
  ...CONFIGURATION_CHECKS,
  ...NETWORK_CHECKS,
  ...ROUTE_CHECKS,
  ...EXECUTABLE_CHECKS,
  ...FOLDER_CHECKS,
  ...SYSCTL_CHECKS,
  ...LIMIT_CHECKS,
  ...FIREWALL_CHECKS,
  ...MTU_CHECKS,
  ...POOL_CHECKS,
  ...LEAK_CHECKS,
  ...DRIFT_CHECKS,
  ...VF_CHECKS,
  ...AGENT_CHECKS,
];
