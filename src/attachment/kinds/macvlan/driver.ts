/** A macvlan interface of the pod on an interface of the node, or on a VLAN of it. */

import { getLink } from "../../../link/link.ts";
import type { AttachmentPlan, MacvlanPlan } from "../../plan/plan.ts";
import { announceAddresses } from "../../steps/announce-addresses.ts";
import { configureContainer } from "../../steps/configure-container.ts";
import { detectDuplicates } from "../../steps/detect-duplicates.ts";
import { reserveAddresses } from "../../steps/reserve-addresses.ts";
import { shapeUplink } from "../../steps/shape-uplink.ts";
import type { AddContext, Run } from "../../steps/step.ts";
import { tuneContainer } from "../../steps/tune-container.ts";
import type { Added, Driver, LinkRecord, PodSockets, Prepared } from "../driver.ts";
import { uplinkMtu } from "../mtu.ts";
import { requireFreeInPod } from "../names.ts";
import { recordedInterface, recordedUplink } from "../recorded-interface.ts";
import { requireUplink } from "../uplink.ts";
import { createMacvlan } from "./create-macvlan.ts";
import { sweepVlan } from "./sweep.ts";

interface MacvlanFound extends Prepared {
  readonly mtu: number;
}

export const macvlanDriver: Driver<MacvlanPlan, MacvlanFound> = {
  prepare,
  claim: (plan, _host, write) => write(toLinkRecord(plan)),
  recorded: toLinkRecord,
  add,
  checks: [reserveAddresses, shapeUplink, createMacvlan, configureContainer, tuneContainer],
  removal: [configureContainer, createMacvlan, shapeUplink, reserveAddresses],

  findLinks({ ifname }, _prevResult, { container }) {
    return { bridge: undefined, host: undefined, container: getLink(container, ifname) };
  },

  kernelFeatures: ({ link }) => (link.uplink.vlan === undefined ? ["macvlan"] : ["macvlan", "vlan"]),

  obstacles({ link: { uplink } }, host) {
    requireUplink(uplink.uplink, getLink(host, uplink.uplink));
    return [];
  },

  sweep: sweepVlan,
  competes: () => false,
  isChosenByCaller: () => false,
  isPresent: (record, look) => look.inPod(record) !== undefined,
};

function prepare(plan: AttachmentPlan<MacvlanPlan>, { host, container }: PodSockets): MacvlanFound {
  requireFreeInPod(container, plan.attachment.ifname);
  const { uplink } = plan.link.uplink;
  return { mtu: uplinkMtu(plan, requireUplink(uplink, getLink(host, uplink))) };
}

function add(context: AddContext<MacvlanPlan>, { mtu }: MacvlanFound, run: Run): Added {
  const { plan, netns } = context;
  const addressing = run(reserveAddresses, context);
  const { ips } = addressing;
  run(shapeUplink, context);
  const container = run(createMacvlan, context, mtu);
  const configured = run(configureContainer, context, container, { addressing, ifalias: plan.alias });
  run(detectDuplicates, context, container, ips);
  run(tuneContainer, context);
  run(announceAddresses, context, container, { ips, by: "kernel" });
  const own = { name: plan.attachment.ifname, sandbox: netns.path, mac: container.mac, mtu };
  return { addressing: configured, interfaces: [own] };
}

function toLinkRecord(plan: AttachmentPlan<MacvlanPlan>): LinkRecord {
  const { containerMac: mac, uplink } = plan.link;
  return {
    kind: "macvlan",
    interface: recordedInterface(plan, mac),
    uplink: recordedUplink(plan, { ...uplink, mac }),
  };
}
