/** The choice of a pod's virtual function, under a lock, with what it was before. */

import { CNI_ERROR, CniError } from "../cni/error.ts";
import { listAddresses } from "../link/address.ts";
import { getLink, type RouteSocket } from "../link/link.ts";
import { chooseVf } from "../sriov/choose.ts";
import {
  CLAIMS_ROOT,
  type ClaimsLock,
  claimVf as claim,
  listClaims,
  lockClaims,
  releaseClaim,
  type VfClaim,
} from "../sriov/claims.ts";
import { readVfSettings } from "../sriov/read-vf-settings.ts";
import { findVf, SYSFS, type Vf } from "../sriov/sysfs.ts";
import { RESET, type VfSettings } from "../sriov/vf-settings.ts";
import { describeAttachment, parseAttachment, parseVfAlias } from "./attachment.ts";
import type { AttachmentPlan, SriovPlan } from "./plan.ts";
import { hasRecord, type RecordedVf } from "./record.ts";

/** A virtual function that is ours while its claim stands; the others stay locked until this is disposed. */
export interface ClaimedVf {
  readonly vf: RecordedVf;
  /** Gives it back before anything was done to it. */
  withdraw(): void;
  [Symbol.dispose](): void;
}

/** @throws {CniError} 11: held by another attachment; {@link NoFreeVf} {@link NoSuchPf} */
export function claimVf(link: SriovPlan, plan: AttachmentPlan, host: RouteSocket): ClaimedVf {
  const lock = lockClaims(CLAIMS_ROOT);
  try {
    const owner = describeAttachment(plan.attachment);
    const minMbps = plan.chosen?.tier.minBandwidthMbps ?? 0;
    const vf = pick(link, minMbps, { host, lock });
    claim(lock, vf.pciAddress, { owner, minMbps });
    const withdraw = () => {
      releaseClaim(lock, vf.pciAddress, owner);
    };
    try {
      return { vf: toRecorded(vf, plan, host), withdraw, [Symbol.dispose]: () => lock[Symbol.dispose]() };
    } catch (error) {
      withdraw();
      throw error;
    }
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

interface Locked {
  readonly host: RouteSocket;
  readonly lock: ClaimsLock;
}

function pick({ attach, deviceId }: SriovPlan, minMbps: number, { host, lock }: Locked): Vf {
  const claims = liveClaims(lock);
  if (deviceId !== undefined) return requireGiven(deviceId, claims);
  return chooseVf({
    sysfs: SYSFS,
    pfs: attach.pfs,
    ...(attach.vfs === undefined ? {} : { vfs: attach.vfs }),
    driver: attach.driver,
    bind: attach.bind === true,
    minMbps,
    claims,
    isUnused: (ifname) => isUnused(host, ifname),
  });
}

/** Without those whose attachment has no record: their ADD was killed before it had made anything. */
function liveClaims(lock: ClaimsLock): ReadonlyMap<string, VfClaim> {
  const claims = listClaims(lock.root);
  for (const [pciAddress, { owner }] of claims) {
    const attachment = parseAttachment(owner);
    if (attachment !== undefined && hasRecord(attachment)) continue;
    releaseClaim(lock, pciAddress, owner);
    claims.delete(pciAddress);
  }
  return claims;
}

/** A device plugin may give a function away again before its last pod's DEL. */
function requireGiven(deviceId: string, claims: ReadonlyMap<string, VfClaim>): Vf {
  const vf = findVf(SYSFS, deviceId);
  if (vf === undefined) {
    const problem = `deviceID: ${deviceId} is no virtual function of this node`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      "want the PCI address of one, like 0000:3b:02.1; podwire vf list shows them",
    );
  }
  const holder = claims.get(vf.pciAddress)?.owner;
  if (holder === undefined) return vf;
  const problem = `deviceID: virtual function ${deviceId} is still held by ${holder}`;
  throw new CniError(CNI_ERROR.tryAgainLater, problem, "it comes free with the DEL of its holder");
}

function isUnused(host: RouteSocket, ifname: string): boolean {
  const link = getLink(host, ifname);
  if (link === undefined || link.isUp || link.master !== 0) return false;
  return listAddresses(host, link.ifindex).length === 0;
}

/** One that an attachment without a record left behind was somebody's already: its first state is the card's own. */
function toRecorded(vf: Vf, plan: AttachmentPlan, host: RouteSocket): RecordedVf {
  const { pf, index, pciAddress, driver } = vf;
  const link = vf.ifname === undefined ? undefined : getLink(host, vf.ifname);
  const stray = link && parseVfAlias(link.ifalias);
  const wanted = wantedOf(plan);
  const known = readVfSettings(host, vf) ?? {};
  return {
    pf,
    index,
    pciAddress,
    ...(link === undefined
      ? {}
      : { netdev: { ifname: stray?.hostIfname ?? link.ifname, mac: link.mac, mtu: link.mtu } }),
    driver,
    original: stray === undefined ? known : { ...known, ...RESET },
    wanted,
  };
}

/** What the network, the tier and the runtime want of the function; the rest stays as the card has it. */
function wantedOf({ link, chosen }: AttachmentPlan): Partial<VfSettings> {
  if (link.kind !== "sriov" || chosen === undefined) return {};
  const { network, tier } = chosen;
  const { spoofchk, trust, linkState } = link.attach;
  const isTagged = network.vlan !== undefined;
  const isLimited = tier.minBandwidthMbps > 0 || tier.maxBandwidthMbps !== undefined;
  return {
    ...(isTagged
      ? { vlan: network.vlan, qos: network.vlanQos ?? 0, proto: network.vlanProto ?? "802.1q" }
      : {}),
    ...(link.containerMac === undefined ? {} : { mac: link.containerMac }),
    ...(isLimited ? { minTxRateMbps: tier.minBandwidthMbps, maxTxRateMbps: tier.maxBandwidthMbps ?? 0 } : {}),
    ...(spoofchk === undefined ? {} : { spoofchk }),
    ...(trust === undefined ? {} : { trust }),
    ...(linkState === undefined ? {} : { linkState }),
  };
}
