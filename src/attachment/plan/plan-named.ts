/** The attachments of a pod to networks by name. */

import { checkArguments } from "../../cni/arguments.ts";
import type { InterfaceConfig } from "../../cni/netconf/interface.ts";
import type { RouteConfig } from "../../cni/result.ts";
import { isAtLeast } from "../../cni/versions.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import type { Network } from "../../network/model.ts";
import { POOL_DIR } from "../../network/usage.ts";
import { type Attachment, aliasOf } from "../attachment.ts";
import { planNamedLink } from "../kinds/index.ts";
import { configDirOf, type PlanInput, type ResolvedNetwork } from "./input.ts";
import type { HostLocal } from "./ipam.ts";
import type { AttachmentPlan } from "./plan.ts";
import { planTuning } from "./tuning.ts";

/** Priority of the default route of the second interface that has one: after the first's, which has none. */
const LATER_METRIC = 100;

/** @throws {CniError} 7 what such a network does not have; 2, 4 or 7 for other fields */
export function planNamed(input: PlanInput, networks: readonly ResolvedNetwork[]): AttachmentPlan[] {
  checkArguments(input.args);
  refuseHostPorts(input, networks);
  refuseSameNames(input, networks.length);
  requireExpressible(input, networks);
  return networks.map((resolved, index) => planOne(input, resolved, index));
}

/** The runtime's name for the first interface, eth1, eth2, … for the others. */
export function ifnameAt({ ifname }: Pick<Attachment, "ifname">, index: number): string {
  return index === 0 ? ifname : `eth${index}`;
}

function refuseSameNames(input: PlanInput, count: number): void {
  for (let index = 1; index < count; index++) {
    if (ifnameAt(input, index) !== input.ifname) continue;
    const problem = `CNI_IFNAME: "${input.ifname}" would be the name of two of the pod's ${count} interfaces`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      "want eth0, or a name that is not eth with a number",
    );
  }
}

/** Results of the first versions have one address of each family. */
function requireExpressible({ cniVersion }: PlanInput, networks: readonly ResolvedNetwork[]): void {
  if (isAtLeast(cniVersion, "0.3.0")) return;
  for (const family of [4, 6]) {
    const ranges = networks.flatMap(({ network }) => network.ranges);
    if (ranges.filter(({ subnet }) => subnet.address.family === family).length < 2) continue;
    const problem = `cniVersion "${cniVersion}" cannot express the IPv${family} addresses of ${networks.length} interfaces`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      'want one endpoint, or cniVersion "0.3.1" or later',
    );
  }
}

function planOne(input: PlanInput, resolved: ResolvedNetwork, index: number): AttachmentPlan {
  const { netconf } = input;
  const { network } = resolved;
  const attachment: Attachment = {
    network: input.network,
    containerId: input.containerId,
    ifname: ifnameAt(input, index),
  };
  const config = configOf(netconf.interface, network, index);
  return {
    attachment,
    config,
    addressing: addressingOf(input, resolved, index),
    settings: planTuning(netconf.tuning, attachment.ifname),
    alias: aliasOf(attachment),
    resolved,
    ...planNamedLink(network, { attachment, config, netconf }),
  };
}

/** What the runtime and the user ask of an interface by address goes to the first one. */
function configOf(config: InterfaceConfig, network: Network, index: number): InterfaceConfig {
  return {
    ...config,
    mtu: network.mtu ?? 0,
    isGateway: false,
    isDefaultGateway: false,
    leavesForwarding: false,
    disableContainerInterface: false,
    mac: index === 0 ? config.mac : undefined,
  };
}

function addressingOf(
  input: PlanInput,
  { network, endpoint, metric }: ResolvedNetwork,
  index: number,
): HostLocal {
  return {
    kind: "host-local",
    dataDir: POOL_DIR,
    network: network.name,
    sets: network.ranges.map((range) => [range]),
    requested: endpoint?.addresses ?? (index === 0 ? input.netconf.addresses : []),
    routes: defaultRoutes(network, metric ?? (index === 0 ? undefined : LATER_METRIC + index)),
    resolvConf: "",
    keepAcrossReboots: false,
    named: { configDir: configDirOf(input), isByEndpoint: endpoint !== undefined },
  };
}

function defaultRoutes({ ranges }: Network, priority: number | undefined): RouteConfig[] {
  return ranges.flatMap(({ gateway }) => {
    if (gateway === undefined) return [];
    const dst = { address: { family: gateway.family, value: 0n }, prefixLength: 0 };
    return [{ dst, gw: gateway, ...(priority === undefined ? {} : { priority }) }];
  });
}

function refuseHostPorts({ netconf }: PlanInput, [first]: readonly ResolvedNetwork[]): void {
  if (!netconf.hasHostPorts || first === undefined) return;
  const problem = `runtimeConfig.portMappings: pods of network "${first.network.name}" are reached at their own addresses, not through the node`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'want no hostPort, or the annotation "diamanti.com/endpoint": "none"',
  );
}
