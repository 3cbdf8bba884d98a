/** The choice of a pod's virtual function, under a lock, with what it was before. */

import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { getLink } from "../../../link/link.ts";
import { readSpeedMbps, SYSFS } from "../../../linux/sysfs.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import { CLAIMS_ROOT, claimVf as claim, lockClaims } from "../../../sriov/claims.ts";
import { readVfSettings } from "../../../sriov/read-vf-settings.ts";
import type { Vf } from "../../../sriov/sysfs.ts";
import { RESET, type VfSettings } from "../../../sriov/vf-settings.ts";
import { describeAttachment, parseVfAlias } from "../../attachment.ts";
import type { AttachmentPlan, SriovPlan } from "../../plan/plan.ts";
import type { RecordedVf } from "../../record/record.ts";
import { removeRecord } from "../../record/store.ts";
import { pickVf } from "./vf-choice.ts";
import { originalNetdev } from "./vf-netdev.ts";
import { USERSPACE_DRIVER } from "./vf-return.ts";
import { askedSettings, unaskedSettings } from "./wanted-settings.ts";

/**
 * Chooses a function, lets `write` make the record that names it, and claims it. A process that is killed in between
 * leaves a record of a function in nobody's hands: its removal leaves that alone.
 * @throws {CniError} 11: held by another attachment; {@link NoFreeVf} {@link NoSuchPf}
 */
export function claimVf<Written>(
  plan: AttachmentPlan<SriovPlan>,
  host: RouteSocket,
  write: (vf: RecordedVf) => Written,
): Written {
  const minMbps = plan.resolved?.tier.minBandwidthMbps ?? 0;
  using lock = lockClaims(CLAIMS_ROOT);
  const vf = pickVf(plan.link, minMbps, { host, lock });
  const written = write(toRecorded(vf, plan, host));
  try {
    claim(lock, vf.pciAddress, { owner: describeAttachment(plan.attachment), minMbps });
  } catch (error) {
    removeRecord(plan.attachment);
    throw error;
  }
  return written;
}

/** One that an attachment without a record left behind was somebody's already: its first state is the card's own. */
function toRecorded(
  vf: Vf,
  { link: asked, resolved }: AttachmentPlan<SriovPlan>,
  host: RouteSocket,
): RecordedVf {
  const { attach } = asked;
  const { pf, index, pciAddress, driver, driverOverride } = vf;
  const link = vf.ifname === undefined ? undefined : getLink(host, vf.ifname);
  const stray = link && parseVfAlias(link.ifalias);
  if (link === undefined) requireUserspace(vf, attach);
  const known = readVfSettings(host, vf) ?? {};
  return {
    pf,
    index,
    pciAddress,
    ...(link === undefined ? {} : { netdev: originalNetdev(link) }),
    driver,
    ...(driverOverride === undefined ? {} : { driverOverride }),
    ...(attach.driver === USERSPACE_DRIVER ? { isUserspace: true } : {}),
    original: stray === undefined ? known : { ...known, ...RESET },
    wanted: resolved === undefined ? {} : wantedSettings(asked, resolved, { pf, known }),
  };
}

/** What was asked for, over what is so where nobody asks. */
function wantedSettings(
  asked: SriovPlan,
  { network, tier }: NonNullable<AttachmentPlan["resolved"]>,
  { pf, known }: { readonly pf: string; readonly known: Partial<VfSettings> },
): Partial<VfSettings> {
  const isLimited = (known.maxTxRateMbps ?? 0) > 0;
  const speedMbps = isLimited ? readSpeedMbps(SYSFS, pf) : undefined;
  return { ...unaskedSettings(known, speedMbps), ...askedSettings(asked, network, tier) };
}

/** Without an interface here a function is of use to a program only. */
function requireUserspace({ pciAddress, driver }: Vf, attach: SriovPlan["attach"]): void {
  if (attach.driver === "vfio-pci" || driver === "vfio-pci") return;
  const where =
    driver === "" ? "has no driver" : `is not on the host: another pod may still have it (driver ${driver})`;
  const problem = `virtual function ${pciAddress} ${where}`;
  throw new CniError(CNI_ERROR.tryAgainLater, problem, "podwire vf list shows who has it");
}
