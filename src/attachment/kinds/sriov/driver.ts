/** A virtual function of a network card, given to the pod; or to the pod's program, which drives it itself. */

import type { Interface } from "../../../cni/result.ts";
import { getLink } from "../../../link/link.ts";
import { SYSFS } from "../../../linux/sysfs.ts";
import { CLAIMS_ROOT, lockClaims } from "../../../sriov/claims.ts";
import { findVf } from "../../../sriov/sysfs.ts";
import type { AttachmentPlan, SriovPlan } from "../../plan/plan.ts";
import type { RecordedVf } from "../../record/record.ts";
import { announceAddresses } from "../../steps/announce-addresses.ts";
import { configureContainer } from "../../steps/configure-container.ts";
import { detectDuplicates } from "../../steps/detect-duplicates.ts";
import { reserveAddresses } from "../../steps/reserve-addresses.ts";
import type { AddContext, ContainerLink, Run } from "../../steps/step.ts";
import { tuneContainer } from "../../steps/tune-container.ts";
import type { Added, Driver, LinkRecord, Prepared } from "../driver.ts";
import { requireFreeInPod } from "../names.ts";
import { recordedInterface } from "../recorded-interface.ts";
import { configureVf } from "./configure-vf.ts";
import { moveVf } from "./move-vf.ts";
import { pickVf } from "./vf-choice.ts";
import { claimVf } from "./vf-claim.ts";
import { isUserspace } from "./vf-return.ts";

export const sriovDriver: Driver<SriovPlan> = {
  prepare(plan, { container }): Prepared {
    requireFreeInPod(container, plan.attachment.ifname);
    return { mtu: plan.config.mtu || undefined };
  },

  claim: (plan, host, write) => claimVf(plan, host, (vf) => write({ ...toLinkRecord(plan), vf })),
  recorded: toLinkRecord,
  add,
  checks: [reserveAddresses, configureVf, moveVf, configureContainer, tuneContainer],
  // Nothing of the pod may reach the network without the pod's VLAN: first the interface, then its settings.
  removal: [configureContainer, moveVf, configureVf, reserveAddresses],

  findLinks({ ifname }, _prevResult, { container }) {
    return { bridge: undefined, host: undefined, container: getLink(container, ifname) };
  },

  kernelFeatures: () => [],

  obstacles({ link, resolved }, host) {
    using lock = lockClaims(CLAIMS_ROOT);
    pickVf(link, resolved?.tier.minBandwidthMbps ?? 0, { host, lock });
    return [];
  },

  competes({ vf }, { attach, deviceId }) {
    if (vf === undefined) return false;
    return deviceId === undefined
      ? attach.pfs.includes(vf.pf)
      : findVf(SYSFS, deviceId)?.pciAddress === vf.pciAddress;
  },

  isChosenByCaller: ({ deviceId }) => deviceId !== undefined,

  /** Of a function that a program drives, its namespace alone tells. */
  isPresent: (record, look) =>
    (record.vf !== undefined && (record.vf.netdev === undefined || isUserspace(record.vf))) ||
    look.inPod(record) !== undefined,
};

function add(context: AddContext<SriovPlan>, _found: Prepared, run: Run): Added {
  const { vf } = context.claim.record;
  if (vf === undefined) throw new Error("a virtual function is claimed with its record");
  const addressing = run(reserveAddresses, context);
  const { ips } = addressing;
  run(configureVf, context, vf);
  const container = run(moveVf, context, vf);
  if (container !== undefined) {
    run(configureContainer, context, container, { addressing, ifalias: undefined }); // its own tells more
    run(detectDuplicates, context, container, ips);
  }
  run(tuneContainer, context);
  if (container !== undefined) run(announceAddresses, context, container, { ips, by: "packets" });
  return { addressing, interfaces: [interfaceOf(context, vf, container)] };
}

function interfaceOf(
  { plan, netns, mtu: wanted }: AddContext<SriovPlan>,
  vf: RecordedVf,
  container: ContainerLink | undefined,
): Interface {
  const mac = container?.mac ?? vf.wanted.mac ?? vf.original.mac ?? "";
  const mtu = container?.mtu ?? wanted;
  return {
    name: plan.attachment.ifname,
    sandbox: netns.path,
    mac,
    ...(mtu === undefined ? {} : { mtu }),
    pciID: vf.pciAddress,
  };
}

function toLinkRecord(plan: AttachmentPlan<SriovPlan>): LinkRecord {
  return { kind: "sriov", interface: recordedInterface(plan, plan.link.containerMac) };
}
