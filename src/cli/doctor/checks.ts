/** Every check, in the order in which a person reads them: what pods stand on first. */

import { AGENT_CHECKS } from "./checks/host/agent.ts";
import { DIRECTORY_CHECKS } from "./checks/host/directories.ts";
import { EXECUTABLE_CHECKS } from "./checks/host/executable.ts";
import { KERNEL_CHECKS } from "./checks/host/kernel.ts";
import { LIMIT_CHECKS } from "./checks/host/limits.ts";
import { RECEIPT_CHECKS } from "./checks/host/receipt.ts";
import { RIGHTS_CHECKS } from "./checks/host/rights.ts";
import { SYSCTL_CHECKS } from "./checks/host/sysctls.ts";
import { CLUSTER_CHECKS } from "./checks/network/cluster.ts";
import { API_CHECKS } from "./checks/network/cluster-api.ts";
import { WAY_CHECKS } from "./checks/network/cluster-ways.ts";
import { CONFIGURATION_CHECKS } from "./checks/network/configuration.ts";
import { FIREWALL_CHECKS } from "./checks/network/firewall.ts";
import { KUBE_PROXY_CHECKS } from "./checks/network/kube-proxy.ts";
import { MTU_CHECKS } from "./checks/network/mtu.ts";
import { NETWORK_CHECKS } from "./checks/network/networks.ts";
import { ROUTE_CHECKS } from "./checks/network/routes.ts";
import { SERVICE_CHECKS } from "./checks/network/services.ts";
import { VF_CHECKS } from "./checks/network/vfs.ts";
import { DRIFT_CHECKS } from "./checks/pods/drift.ts";
import { LEAK_CHECKS } from "./checks/pods/leaks.ts";
import { NODE_ADDRESS_CHECKS } from "./checks/pods/node-addresses.ts";
import { POOL_CHECKS } from "./checks/pods/pools.ts";
import type { Check } from "./finding.ts";

export const CHECKS: readonly Check[] = [
  ...RIGHTS_CHECKS,
  ...KERNEL_CHECKS,
  ...CONFIGURATION_CHECKS,
  ...NETWORK_CHECKS,
  ...ROUTE_CHECKS,
  ...RECEIPT_CHECKS,
  ...EXECUTABLE_CHECKS,
  ...DIRECTORY_CHECKS,
  ...SYSCTL_CHECKS,
  ...LIMIT_CHECKS,
  ...FIREWALL_CHECKS,
  ...SERVICE_CHECKS,
  ...MTU_CHECKS,
  ...POOL_CHECKS,
  ...NODE_ADDRESS_CHECKS,
  ...LEAK_CHECKS,
  ...DRIFT_CHECKS,
  ...VF_CHECKS,
  ...CLUSTER_CHECKS,
  ...API_CHECKS,
  ...WAY_CHECKS,
  ...KUBE_PROXY_CHECKS,
  ...AGENT_CHECKS,
];
