/** The way of a virtual function back to the host, from wherever the pod's end has left it. */

import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { getLink, type Link, listLinks } from "../../../link/link.ts";
import { isErrno } from "../../../linux/error.ts";
import { exists } from "../../../linux/file.ts";
import { NetnsHandle, OWN_NETNS } from "../../../linux/netns.ts";
import { SYSFS } from "../../../linux/sysfs.ts";
import { IFF } from "../../../netlink/route/link.ts";
import { type RouteSocket, RTNLGRP, rtnetlink } from "../../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../../netlink/socket.ts";
import { CLAIMS_ROOT, findClaim, readClaim } from "../../../sriov/claims.ts";
import { findVf, pciAddressOf } from "../../../sriov/sysfs.ts";
import { RESET } from "../../../sriov/vf-settings.ts";
import { type Attachment, aliasOf, describeAttachment } from "../../attachment.ts";
import { openContainerIfAny } from "../../in-container.ts";
import type { RecordedVf } from "../../record/record.ts";
import type { RemovalContext } from "../../steps/step.ts";
import { givenMac, originalNetdev, restoreSizes, setVfMac } from "./vf-netdev.ts";

/** What programs drive a function by. */
export const USERSPACE_DRIVER = "vfio-pci";

/** A namespace that ends gives its interfaces back within a second or so; on a loaded machine later. */
const RETURN_TIMEOUT_MS = 5_000;

/**
 * False where somebody else has the function by now, or nobody has it and it bears no trace of the attachment, whose ADD
 * had not come to it, or whose DEL is done with it: then nothing of it may be touched.
 */
export function isStillOurs({ attachment, host }: RemovalContext, vf: RecordedVf): boolean {
  const holder = readClaim(CLAIMS_ROOT, vf.pciAddress)?.owner;
  if (holder !== undefined) return holder === describeAttachment(attachment);
  const link = findOnHost(host, vf); // of one that never had an interface the claim alone tells
  return link === undefined ? vf.netdev !== undefined : isMarkedBy(attachment, link);
}

function isMarkedBy(attachment: Attachment, { ifalias }: Link): boolean {
  return ifalias.startsWith(`${aliasOf(attachment)} `);
}

/** True where the pod's program drives the function: it has no interface in the pod. */
export function isUserspace({ isUserspace: isAskedFor, pciAddress }: RecordedVf): boolean {
  return isAskedFor === true || findVf(SYSFS, pciAddress)?.driver === USERSPACE_DRIVER;
}

/** Brings the function's interface back under its first name. @throws {CniError} 11: it is nowhere to be seen */
export function returnToHost(removal: RemovalContext, vf: RecordedVf): void {
  const { netdev, pciAddress } = vf;
  if (netdev === undefined || findVf(SYSFS, pciAddress) === undefined) return;
  using events = NetlinkSocket.open(rtnetlink);
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + RETURN_TIMEOUT_MS;
  for (;;) {
    if (findOnHost(removal.host, vf) === undefined) fetchFromContainer(removal, vf);
    const link = findOnHost(removal.host, vf);
    if (link !== undefined) {
      rename(removal, link, netdev.ifname);
      return;
    }
    if (findVf(SYSFS, pciAddress)?.driver !== vf.driver) return; // without its driver it has no interface
    if (events.waitForEvent(Math.max(0, deadline - performance.now()))) continue;
    const problem = `virtual function ${pciAddress} is neither on the host nor in "${removal.netns}"`;
    throw new CniError(
      CNI_ERROR.tryAgainLater,
      problem,
      "it comes back when the last process in its namespace ends; then call DEL again or podwire repair",
    );
  }
}

function findOnHost(host: RouteSocket, { pciAddress }: RecordedVf): Link | undefined {
  const ifname = findVf(SYSFS, pciAddress)?.ifname;
  return ifname === undefined ? undefined : getLink(host, ifname);
}

/** Its interface, which was there when it was resolved. @throws {CniError} 11 */
export function requireOnHost(host: RouteSocket, vf: RecordedVf): Link {
  return findOnHost(host, vf) ?? vfMoved(vf.netdev?.ifname ?? vf.pciAddress);
}

export function vfMoved(ifname: string): never {
  throw new CniError(CNI_ERROR.tryAgainLater, `interface "${ifname}" was taken away by someone else`);
}

/** Moves and renames in one message; where the name is taken on the host, the move alone counts. */
function fetchFromContainer(removal: RemovalContext, { netdev, pciAddress }: RecordedVf): void {
  using container = openContainerIfAny(removal);
  if (container === undefined || netdev === undefined) return;
  const links = listLinks(container);
  const link = links.find((candidate) =>
    candidate.parentDevice === ""
      ? isMarkedBy(removal.attachment, candidate)
      : candidate.parentDevice === pciAddress,
  );
  if (link === undefined) return;
  using home = NetnsHandle.open(OWN_NETNS);
  const move = { ifi_index: link.ifindex, IFLA_NET_NS_FD: home.fd };
  try {
    container.request({ message: "RTM_SETLINK", body: { ...move, IFLA_IFNAME: netdev.ifname } });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}

/** What a free function's interface has none of. */
export const USE = IFF.UP | IFF.PROMISC | IFF.ALLMULTI;

/** The kernel renames only what is down. */
function rename({ host, report }: RemovalContext, link: Link, ifname: string): void {
  const idle = { ifi_index: link.ifindex, ifi_flags: 0, ifi_change: USE };
  host.request({ message: "RTM_SETLINK", body: idle });
  if (link.ifname === ifname) return;
  try {
    host.request({ message: "RTM_SETLINK", body: { ifi_index: link.ifindex, IFLA_IFNAME: ifname } });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
    report(`virtual function "${link.ifname}" keeps that name: "${ifname}" is taken on the host`);
  }
}

/** The settings of the interface itself; the mark goes last. */
export function restoreNetdev(host: RouteSocket, vf: RecordedVf): void {
  const link = findOnHost(host, vf);
  if (link === undefined || vf.netdev === undefined) return;
  const { mac } = vf.netdev;
  const { ifindex: ifi_index } = link;
  restoreSizes(host, link, vf.netdev);
  // A card that has none of the administrator's wants to hear the VF's own.
  if (link.mac !== mac || vf.original.mac === RESET.mac) setVfMac(host, ifi_index, mac, givenMac(vf));
  if (link.ifalias !== "") host.request({ message: "RTM_SETLINK", body: { ifi_index, IFLA_IFALIAS: "" } });
}

/**
 * Without a record its mark tells whose a function was, or the claim where a program has it; what the card held of it
 * before, nobody knows.
 */
export function orphanedVf(removal: RemovalContext): RecordedVf | undefined {
  if (!mayHaveVfs(removal)) return undefined;
  const isMarked = (link: Link) => isMarkedBy(removal.attachment, link);
  const inContainer = () => {
    using container = openContainerIfAny(removal);
    return container === undefined ? undefined : listLinks(container).find(isMarked);
  };
  const link = listLinks(removal.host).find(isMarked) ?? inContainer();
  if (link === undefined) return claimedVf(removal);
  const pciAddress = link.parentDevice || pciAddressOf(SYSFS, link.ifname);
  const vf = pciAddress === undefined ? undefined : findVf(SYSFS, pciAddress);
  if (vf === undefined) return undefined;
  const { pf, index, driver } = vf;
  const netdev = originalNetdev(link);
  return { pf, index, pciAddress: vf.pciAddress, netdev, driver, original: RESET, wanted: RESET };
}

/** One that a program has. Who bound it is not known: it keeps its driver. */
function claimedVf({ attachment }: RemovalContext): RecordedVf | undefined {
  const claimed = findClaim(CLAIMS_ROOT, describeAttachment(attachment));
  const vf = claimed === undefined ? undefined : findVf(SYSFS, claimed);
  if (vf === undefined) return undefined;
  const { pf, index, pciAddress, driver, driverOverride } = vf;
  const apart = driverOverride === undefined ? {} : { driverOverride };
  return { pf, index, pciAddress, driver, ...apart, original: RESET, wanted: RESET };
}

/** Pods of this boot have had some, or there are networks that may have had them in an earlier one. */
function mayHaveVfs({ configured }: RemovalContext): boolean {
  return exists(CLAIMS_ROOT) || exists(`${configured.configDir}/networks`);
}
