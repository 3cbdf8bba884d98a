/** A veth pair between the pod and a bridge of the node, with or without an uplink. */

import type { Interface } from "../../../cni/result.ts";
import { requireRoom } from "../../../link/bridge-port.ts";
import { getLink, getLinks, type Link } from "../../../link/link.ts";
import { RA_GUARD_GROUP } from "../../../linux/mark.ts";
import type { AttachmentPlan, BridgePlan } from "../../plan/plan.ts";
import { gatewayVlanOf } from "../../rules/ingress.ts";
import { announceAddresses } from "../../steps/announce-addresses.ts";
import { applyRuleset } from "../../steps/apply-ruleset.ts";
import { configureContainer } from "../../steps/configure-container.ts";
import { detectDuplicates } from "../../steps/detect-duplicates.ts";
import { reserveAddresses } from "../../steps/reserve-addresses.ts";
import { shapeTraffic } from "../../steps/shape-traffic.ts";
import { shapeUplink } from "../../steps/shape-uplink.ts";
import type { AddContext, Run } from "../../steps/step.ts";
import { tuneContainer } from "../../steps/tune-container.ts";
import type { Added, Driver, LinkRecord } from "../driver.ts";
import { recordedInterface, recordedUplink } from "../recorded-interface.ts";
import { type BridgePort, createVeth } from "../veth/create-veth.ts";
import { trafficFeatures } from "../veth/kernel-features.ts";
import { openForwarding } from "../veth/open-forwarding.ts";
import { configureGateway } from "./configure-gateway.ts";
import { configurePortVlan } from "./configure-port-vlan.ts";
import { createGateway } from "./create-gateway.ts";
import { ensureBridge } from "./ensure-bridge.ts";
import { joinUplink } from "./join-uplink.ts";
import { obstaclesOf } from "./obstacles.ts";
import { type BridgeFound, prepareBridge } from "./prepare.ts";
import { raisePort } from "./raise-port.ts";
import { sweepBridge } from "./sweep.ts";

export const bridgeDriver: Driver<BridgePlan, BridgeFound> = {
  prepare: prepareBridge,
  claim: (plan, _host, write) => write(toLinkRecord(plan)),
  recorded: toLinkRecord,
  add,
  checks: [
    reserveAddresses,
    ensureBridge,
    joinUplink,
    createVeth,
    configurePortVlan,
    createGateway,
    shapeTraffic,
    shapeUplink,
    configureGateway,
    configureContainer,
    tuneContainer,
    applyRuleset,
    openForwarding,
  ],
  // The gateway's interface and the ways through foreign chains go with the last port: so after the pod's.
  removal: [
    configureContainer,
    applyRuleset,
    shapeUplink,
    createVeth,
    createGateway,
    openForwarding,
    reserveAddresses,
  ],

  /** The host's end is found by the name in the result, so that a pod which the reference plugin started passes too. */
  findLinks({ ifname, bridge = "", hostIfname = "", named }, { interfaces }, { host, container }) {
    const printed =
      named === undefined
        ? interfaces.find(({ name, sandbox }) => sandbox === undefined && name !== bridge)
        : undefined;
    const [bridgeLink, hostEnd] = getLinks(host, [bridge, printed?.name ?? hostIfname]);
    return { bridge: bridgeLink, host: hostEnd, container: getLink(container, ifname) };
  },

  kernelFeatures: (plan) => [
    "bridge",
    "veth",
    ...(hasVlan(plan.link) ? (["vlanFiltering"] as const) : []),
    ...trafficFeatures(plan),
  ],
  obstacles: obstaclesOf,
  requireRoom: ({ link }) => requireRoom(link.bridge),
  sweep: sweepBridge,
  competes: () => false,
  isChosenByCaller: () => false,
  isPresent: (record, look) => look.onHost(record) !== undefined,
};

function hasVlan({ portVlans, uplink }: BridgePlan): boolean {
  return portVlans !== undefined || uplink?.vlan !== undefined;
}

/** The port goes up last, behind its rules: each change of a large bridge's ports costs the more, the more there are. */
function add(context: AddContext<BridgePlan>, found: BridgeFound, run: Run): Added {
  const { plan } = context;
  const { mtu } = found;
  const addressing = run(reserveAddresses, context);
  const { ips } = addressing;
  const bridge = run(ensureBridge, context, found);
  run(joinUplink, context, bridge);
  const { host, container } = run(createVeth, context, {
    mtu,
    port: portOf(plan.link, bridge),
  });
  run(configurePortVlan, context, host, bridge);
  const gateway = run(createGateway, context, bridge, mtu);
  const ifb = run(shapeTraffic, context, host, mtu);
  run(shapeUplink, context);
  run(configureGateway, context, gateway ?? bridge, ips);
  const configured = run(configureContainer, context, container, { addressing, ifalias: plan.alias });
  run(tuneContainer, context);
  run(applyRuleset, context, ips, gateway === undefined ? [bridge] : [bridge, gateway]);
  run(openForwarding, context);
  const raised = run(raisePort, context, host);
  run(detectDuplicates, context, container, ips);
  run(announceAddresses, context, container, { ips, by: "kernel" });
  const others = [gateway, ifb].filter((link) => link !== undefined);
  return {
    addressing: configured,
    interfaces: [...interfacesOf(context, raised, mtu), ...others.map(toInterface)],
  };
}

function portOf({ hairpinMode, portIsolation, raGuard }: BridgePlan, bridge: Link): BridgePort {
  const group = raGuard === undefined ? {} : { group: RA_GUARD_GROUP };
  return { bridge, isHairpin: hairpinMode, isIsolated: portIsolation, ...group };
}

function interfacesOf(
  { plan, netns }: AddContext<BridgePlan>,
  { port, bridge }: { readonly port: Link; readonly bridge: Link },
  mtu: number,
): Interface[] {
  return [
    toInterface(bridge),
    { name: plan.link.hostIfname, mac: port.mac, mtu },
    { name: plan.attachment.ifname, mac: plan.link.containerMac, mtu, sandbox: netns.path },
  ];
}

function toInterface({ ifname, mac, mtu }: Link): Interface {
  return { name: ifname, mac, mtu };
}

function toLinkRecord(plan: AttachmentPlan<BridgePlan>): LinkRecord {
  const { link } = plan;
  const { portVlans, uplink } = link;
  const gatewayVlan = gatewayVlanOf(link);
  return {
    kind: "bridge",
    hostIfname: link.hostIfname,
    bridge: link.bridge,
    ...(gatewayVlan === undefined ? {} : { gatewayVlan }),
    ...(link.forward ? { forward: true } : {}),
    interface: {
      ...recordedInterface(plan, link.containerMac),
      ...(link.isGateway ? { isGateway: true } : {}),
      ...(link.hairpinMode ? { hairpinMode: true } : {}),
      ...(link.promiscMode ? { promiscMode: true } : {}),
      ...(link.portIsolation ? { portIsolation: true } : {}),
      ...(link.raGuard === undefined ? {} : { raGuard: true }),
      ...(portVlans === undefined ? {} : { portVlans }),
    },
    ...(uplink === undefined ? {} : { uplink: recordedUplink(plan, { ...uplink, mac: link.containerMac }) }),
  };
}
