/** The attachments of a pod to networks by name. */

import { checkArguments } from "../cni/arguments.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import { booleanField, field, listField, objectField } from "../cni/json.ts";
import type { Request } from "../cni/request.ts";
import type { RouteConfig } from "../cni/result.ts";
import { isAtLeast } from "../cni/versions.ts";
import type { Network } from "../network/model.ts";
import { POOL_DIR } from "../network/usage.ts";
import { type Attachment, aliasOf, hostIfnameOf, macsOf } from "./attachment.ts";
import type { Chosen } from "./choice.ts";
import { decodeInterfaceConfig, type InterfaceConfig } from "./config/bridge.ts";
import { configDirOf } from "./config/config-dir.ts";
import { decodeInterfaceSettings } from "./config/interface.ts";
import { decodeRequested, type HostLocal } from "./config/ipam.ts";
import { decodeShaping } from "./config/shaping.ts";
import type { Traffic } from "./config/traffic.ts";
import { type AttachmentPlan, deviceIdOf, type LinkPlan } from "./plan.ts";
import { uplinkBridgeOf } from "./uplink.ts";

/** Priority of the default route of the second interface that has one: after the first's, which has none. */
const LATER_METRIC = 100;

/** @throws {CniError} 7 what such a network does not have; 2, 4 or 7 for other fields */
export function planNamed(request: Request, chosen: readonly Chosen[]): AttachmentPlan[] {
  checkArguments(request.args);
  refuseHostPorts(request, chosen);
  refuseSameNames(request, chosen.length);
  requireExpressible(request, chosen);
  return chosen.map((one, index) => planOne(request, one, index));
}

/** The runtime's name for the first interface, eth1, eth2, … for the others. */
export function ifnameAt(request: Request, index: number): string {
  return index === 0 ? request.ifname : `eth${index}`;
}

function refuseSameNames(request: Request, count: number): void {
  for (let index = 1; index < count; index++) {
    if (ifnameAt(request, index) !== request.ifname) continue;
    const problem = `CNI_IFNAME: "${request.ifname}" would be the name of two of the pod's ${count} interfaces`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      "want eth0, or a name that is not eth with a number",
    );
  }
}

/** Results of the first versions have one address of each family. */
function requireExpressible({ cniVersion }: Request, chosen: readonly Chosen[]): void {
  if (isAtLeast(cniVersion, "0.3.0")) return;
  for (const family of [4, 6]) {
    const ranges = chosen.flatMap(({ network }) => network.ranges);
    if (ranges.filter(({ subnet }) => subnet.address.family === family).length < 2) continue;
    const problem = `cniVersion "${cniVersion}" cannot express the IPv${family} addresses of ${chosen.length} interfaces`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      'want one endpoint, or cniVersion "0.3.1" or later',
    );
  }
}

function planOne(request: Request, chosen: Chosen, index: number): AttachmentPlan {
  const attachment: Attachment = {
    network: request.network,
    containerId: request.containerId,
    ifname: ifnameAt(request, index),
  };
  const config = configOf(request, chosen.network, index);
  const link = linkOf(request, attachment, chosen.network, config);
  const mac = link.kind === "bridge" ? link.containerMac : undefined;
  return {
    attachment,
    config,
    addressing: addressingOf(request, chosen, index),
    traffic: trafficOf(request, mac),
    settings: decodeInterfaceSettings({ ...request, ifname: attachment.ifname }),
    shaping: shapingOf(request, chosen.network),
    alias: aliasOf(attachment),
    link,
    chosen,
  };
}

/** What the runtime and the user ask of an interface by address goes to the first one. */
function configOf(request: Request, network: Network, index: number): InterfaceConfig {
  const config = decodeInterfaceConfig(request);
  return {
    ...config,
    mtu: network.mtu ?? 0,
    isGateway: false,
    isDefaultGateway: false,
    disableContainerInterface: false,
    mac: index === 0 ? config.mac : undefined,
  };
}

function linkOf(
  request: Request,
  attachment: Attachment,
  network: Network,
  config: InterfaceConfig,
): LinkPlan {
  const { attach, vlan } = network;
  const macs = macsOf(attachment);
  const containerMac = config.mac ?? macs.container;
  const segment = vlan === undefined ? {} : { vlan };
  const deviceId = requireSriov(deviceIdOf(request), network);
  if (attach.kind === "macvlan") return { kind: "macvlan", containerMac, uplink: { ...attach, ...segment } };
  if (attach.kind === "sriov") {
    const mac = config.mac === undefined ? {} : { containerMac: config.mac };
    return { kind: "sriov", attach, ...(deviceId === undefined ? {} : { deviceId }), ...mac };
  }
  return {
    ...config,
    kind: "bridge",
    bridge: uplinkBridgeOf(attach.uplink),
    forceAddress: false,
    forward: booleanField(request.netconf, "forward"),
    hairpinMode: false,
    promiscMode: false,
    portIsolation: false,
    hostIfname: hostIfnameOf(attachment),
    hostMac: macs.host,
    containerMac,
    uplink: { ...attach, ...segment },
  };
}

function requireSriov(given: string | undefined, { attach, name }: Network): string | undefined {
  if (given === undefined || attach.kind === "sriov") return given;
  const problem = `deviceID: ${given} is given, and network "${name}" attaches pods by ${attach.kind}`;
  throw new CniError(CNI_ERROR.invalidNetconf, problem, "want a network with --attach sriov");
}

function addressingOf(request: Request, { network, endpoint, metric }: Chosen, index: number): HostLocal {
  return {
    kind: "host-local",
    dataDir: POOL_DIR,
    network: network.name,
    sets: network.ranges.map((range) => [range]),
    requested: endpoint?.addresses ?? (index === 0 ? decodeRequested(request) : []),
    routes: defaultRoutes(network, metric ?? (index === 0 ? undefined : LATER_METRIC + index)),
    resolvConf: "",
    keepAcrossReboots: false,
    named: { configDir: configDirOf(request), isByEndpoint: endpoint !== undefined },
  };
}

function defaultRoutes({ ranges }: Network, priority: number | undefined): RouteConfig[] {
  return ranges.flatMap(({ gateway }) => {
    if (gateway === undefined) return [];
    const dst = { address: { family: gateway.family, value: 0n }, prefixLength: 0 };
    return [{ dst, gw: gateway, ...(priority === undefined ? {} : { priority }) }];
  });
}

/** Frames of the pod with another sender are dropped where the configuration asks for it. */
function trafficOf({ netconf }: Request, mac: string | undefined): Traffic | undefined {
  const isChecked = mac !== undefined && field(netconf, "macspoofchk")?.value === true;
  return isChecked ? { sender: mac, ingressPolicy: "open" } : undefined;
}

/** Only a bridge has an end on the host that both directions can be limited at. */
function shapingOf({ netconf }: Request, { attach, name }: Network) {
  const shaping = decodeShaping(netconf);
  if (shaping === undefined || attach.kind === "bridge") return shaping;
  const problem = `runtimeConfig.bandwidth: network "${name}" attaches pods by ${attach.kind}, past the host`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    "want a perfTier with a maximum (podwire perf-tier create -B), or no bandwidth annotation",
  );
}

function refuseHostPorts({ netconf }: Request, [first]: readonly Chosen[]): void {
  const mappings = listField(objectField(netconf, "runtimeConfig"), "portMappings") ?? [];
  if (mappings.length === 0 || first === undefined) return;
  const problem = `runtimeConfig.portMappings: pods of network "${first.network.name}" are reached at their own addresses, not through the node`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'want no hostPort, or the annotation "diamanti.com/endpoint": "none"',
  );
}
