/** A veth pair between the pod and the node, whose end of it is routed: every packet of the pod passes layer 3. */

import { sameAddress } from "../../../addr/address.ts";
import { formatPrefix } from "../../../addr/prefix.ts";
import type { IpConfig } from "../../../cni/result.ts";
import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { getLink } from "../../../link/link.ts";
import { ifbOf } from "../../attachment.ts";
import { subnetsOf } from "../../plan/ipam.ts";
import type { AttachmentPlan, PtpPlan } from "../../plan/plan.ts";
import { applyRuleset } from "../../steps/apply-ruleset.ts";
import { configureContainer } from "../../steps/configure-container.ts";
import { detectDuplicates } from "../../steps/detect-duplicates.ts";
import { reserveAddresses } from "../../steps/reserve-addresses.ts";
import { shapeTraffic } from "../../steps/shape-traffic.ts";
import type { AddContext, Run } from "../../steps/step.ts";
import { tuneContainer } from "../../steps/tune-container.ts";
import type { Added, Driver, LinkRecord, PodSockets, Prepared } from "../driver.ts";
import { routedMtu } from "../mtu.ts";
import { requireAllFreeOnHost, requireFreeInPod } from "../names.ts";
import { recordedInterface } from "../recorded-interface.ts";
import { createVeth } from "../veth/create-veth.ts";
import { checkForeignChains } from "../veth/foreign-chains.ts";
import { trafficFeatures } from "../veth/kernel-features.ts";
import { openForwarding } from "../veth/open-forwarding.ts";
import { networkRoutes, networkRoutesOf } from "./network-routes.ts";
import { routeNodeEnd } from "./route-node-end.ts";

interface PtpFound extends Prepared {
  readonly mtu: number;
}

export const ptpDriver: Driver<PtpPlan, PtpFound> = {
  prepare,
  claim: (plan, _host, write) => write(toLinkRecord(plan)),
  recorded: toLinkRecord,
  add,
  checks: [
    reserveAddresses,
    createVeth,
    shapeTraffic,
    configureContainer,
    networkRoutes,
    tuneContainer,
    applyRuleset,
    openForwarding,
    routeNodeEnd,
  ],
  // Addresses and routes go with the pair.
  removal: [configureContainer, applyRuleset, createVeth, openForwarding, reserveAddresses],

  /** The host's end is found by the name in the result, so that a pod which the reference plugin started passes too. */
  findLinks({ ifname, hostIfname = "", named }, { interfaces }, { host, container }) {
    const printed = named === undefined ? interfaces.find(({ sandbox }) => sandbox === undefined) : undefined;
    return {
      bridge: undefined,
      host: getLink(host, printed?.name ?? hostIfname),
      container: getLink(container, ifname),
    };
  },

  kernelFeatures: (plan) => ["veth", ...trafficFeatures(plan)],
  obstacles: ({ link, addressing }, _host, output) =>
    checkForeignChains(
      { ingress: link.hostIfname, prefixes: subnetsOf(addressing), forward: link.forward },
      output,
    ),
  competes: () => false,
  isChosenByCaller: () => false,
  isPresent: (record, look) => look.onHost(record) !== undefined,
};

/** @throws {CniError} 100: a name is taken */
function prepare(plan: AttachmentPlan<PtpPlan>, { host, container }: PodSockets): PtpFound {
  const { attachment, shaping, link } = plan;
  requireFreeInPod(container, attachment.ifname);
  const devices = shaping?.egress === undefined ? [] : [ifbOf(attachment).ifname];
  requireAllFreeOnHost(host, [link.hostIfname, ...devices]);
  return { mtu: routedMtu(plan, host) };
}

/** The node's end goes up last, behind its rules. */
function add(context: AddContext<PtpPlan>, { mtu }: PtpFound, run: Run): Added {
  const { plan, netns } = context;
  const addressing = run(reserveAddresses, context);
  const { ips } = addressing;
  requireGateways(ips);
  const { host, container } = run(createVeth, context, { mtu });
  const ifb = run(shapeTraffic, context, host, mtu);
  const wanted = {
    addressing,
    ifalias: plan.alias,
    networkRoutes: networkRoutesOf(ips, plan.config.enabledad),
  };
  const configured = run(configureContainer, context, container, wanted);
  run(tuneContainer, context);
  run(applyRuleset, context, ips, [host]);
  run(openForwarding, context);
  run(routeNodeEnd, context, host, ips);
  run(detectDuplicates, context, container, ips);
  const own = { name: plan.attachment.ifname, mac: container.mac, mtu, sandbox: netns.path };
  const onHost = [host, ...(ifb === undefined ? [] : [ifb])].map(({ ifname: name, mac }) => ({
    name,
    mac,
    mtu,
  }));
  return { addressing: configured, interfaces: [...onHost.slice(0, 1), own, ...onHost.slice(1)] };
}

/** An address plugin may give what no gateway follows from: the node cannot have the pod's own address. */
function requireGateways(ips: readonly IpConfig[]): void {
  const alone = ips.find(
    ({ address, gateway }) => gateway === undefined || sameAddress(address.address, gateway),
  );
  if (alone === undefined) return;
  const problem = `ipam: ${formatPrefix(alone.address)} was given without a gateway, which the node could have`;
  throw new CniError(
    CNI_ERROR.delegate,
    problem,
    "have the address plugin give a gateway beside each address",
  );
}

function toLinkRecord(plan: AttachmentPlan<PtpPlan>): LinkRecord {
  const { hostIfname, containerMac, forward } = plan.link;
  return {
    kind: "ptp",
    hostIfname,
    ...(forward ? { forward: true } : {}),
    interface: recordedInterface(plan, containerMac),
  };
}
