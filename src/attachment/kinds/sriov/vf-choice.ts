/** Which virtual function an attachment gets. */

import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { listAddresses } from "../../../link/address.ts";
import { getLink } from "../../../link/link.ts";
import { SYSFS } from "../../../linux/sysfs.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import { chooseVf } from "../../../sriov/choose.ts";
import { type ClaimsLock, listClaims, type VfClaim } from "../../../sriov/claims.ts";
import { findVf, type Vf } from "../../../sriov/sysfs.ts";
import type { SriovPlan } from "../../plan/plan.ts";

/** The functions of the node, locked. */
export interface Locked {
  readonly host: RouteSocket;
  readonly lock: ClaimsLock;
}

/** The one that was given, or a free one. @throws {CniError} 7, 11; {@link NoFreeVf} {@link NoSuchPf} {@link BandwidthExhausted} */
export function pickVf(
  { attach, deviceId }: Pick<SriovPlan, "attach" | "deviceId">,
  minMbps: number,
  { host, lock }: Locked,
): Vf {
  const claims = listClaims(lock.root);
  if (deviceId !== undefined) return requireGiven(deviceId, attach, claims);
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

/** A device plugin may give a function away again before its last pod's DEL. */
function requireGiven(
  deviceId: string,
  attach: SriovPlan["attach"],
  claims: ReadonlyMap<string, VfClaim>,
): Vf {
  const vf = findVf(SYSFS, deviceId);
  if (vf === undefined) {
    const problem = `deviceID: ${deviceId} is no virtual function of this node`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      "want the PCI address of one, like 0000:3b:02.1; podwire vf list shows them",
    );
  }
  requireFit(vf, attach);
  const holder = claims.get(vf.pciAddress)?.owner;
  if (holder === undefined) return vf;
  const problem = `deviceID: virtual function ${deviceId} is still held by ${holder}`;
  throw new CniError(CNI_ERROR.tryAgainLater, problem, "it comes free with the DEL of its holder");
}

/** What no time will change. @throws {CniError} 7 */
function requireFit(vf: Vf, { pfs, driver, bind }: SriovPlan["attach"]): void {
  const subject = `deviceID: virtual function ${vf.pciAddress}`;
  if (!pfs.includes(vf.pf)) {
    const problem = `${subject} is one of ${vf.pf || vf.pfPciAddress}, and the network is on ${pfs.join(", ")}`;
    const advice =
      "want a resource of the device plugin on that card (pfNames), or this card in attach.pfs of the network's file";
    throw new CniError(CNI_ERROR.invalidNetconf, problem, advice);
  }
  if (driver === "vfio-pci" && vf.driver !== "vfio-pci" && bind !== true) {
    const present = vf.driver === "" ? "no driver" : `the driver ${vf.driver}`;
    const problem = `${subject} has ${present}, and the network wants vfio-pci`;
    const advice = `driverctl set-override ${vf.pciAddress} vfio-pci, or attach.bind in the network's file`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, advice);
  }
}

export function isUnused(host: RouteSocket, ifname: string): boolean {
  const link = getLink(host, ifname);
  if (link === undefined || link.isUp || link.master !== 0) return false;
  return listAddresses(host, link.ifindex).length === 0;
}
