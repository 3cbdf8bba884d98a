/** An attachment: one interface of one container on one network, and the names that follow from it. */

import { IFNAME_BYTES } from "../addr/ifname.ts";
import { localMac } from "../addr/mac.ts";
import { fingerprintOf } from "../linux/fingerprint.ts";
import { MARK } from "../linux/mark.ts";

/** The specification's key of what ADD makes and DEL removes (SPEC.md, "Adding an attachment"). */
export interface Attachment {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** The interface that a pod gets before all others, by the names of container runtimes. */
export const FIRST_INTERFACE = "eth0";

/** True for the names of a pod's second interface and those after it. */
export function isAdditional(ifname: string): boolean {
  return /^eth[1-9]\d*$/.test(ifname);
}

const HOST_PREFIX = "veth";
const IFB_PREFIX = "ifb";
const ALIAS_LENGTH = 224; // characters: ifnames in another script may have more bytes
const IFALIASZ = 256; // bytes with the closing NUL, linux/if.h

/** What a fingerprint is for: each use has another (seeds of the hash). */
const USE = { name: 0n, hostMac: 1n, containerMac: 2n, ifbMac: 3n } as const;

/** 16 hexadecimal digits (xxHash64) that are the same for every call about one interface of one container. */
function fingerprint({ containerId, ifname }: Attachment, use: bigint): string {
  return fingerprintOf(`${containerId}/${ifname}`, use);
}

/** Name of the veth end on the host: recomputed by DEL, never stored in memory alone. */
export function hostIfnameOf(attachment: Attachment): string {
  return `${HOST_PREFIX}${fingerprint(attachment, USE.name)}`.slice(0, IFNAME_BYTES);
}

/** True for what `hostIfnameOf` gives. */
export function isHostIfname(text: string): boolean {
  return text.length === IFNAME_BYTES && /^veth[0-9a-f]+$/.test(text);
}

/** The ifb device that shapes what the pod sends: its name and MAC address follow from the attachment too. */
export function ifbOf(attachment: Attachment): { readonly ifname: string; readonly mac: string } {
  const ifname = `${IFB_PREFIX}${fingerprint(attachment, USE.name)}`.slice(0, IFNAME_BYTES);
  return { ifname, mac: macOf(attachment, USE.ifbMac) };
}

/**
 * MAC addresses of both ends. Set explicitly so that no device manager of the host replaces them
 * (systemd.link(5), MACAddressPolicy).
 */
export function macsOf(attachment: Attachment): { readonly host: string; readonly container: string } {
  return {
    host: macOf(attachment, USE.hostMac),
    container: macOf(attachment, USE.containerMac),
  };
}

function macOf(attachment: Attachment, use: bigint): string {
  return localMac(BigInt(`0x${fingerprint(attachment, use)}`));
}

/** The ifalias of every link that we make for the attachment; DEL and GC remove only what bears it. */
export function aliasOf(attachment: Attachment): string {
  const { network, containerId, ifname } = attachment;
  const alias = `${MARK} ${network}/${containerId}/${ifname}`;
  if (alias.length <= ALIAS_LENGTH) return alias;
  return `${MARK} ${hostIfnameOf(attachment)}`;
}

/** What the interface of a virtual function was before the pod got it. */
export interface OriginalNetdev {
  readonly ifname: string;
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
  /** Packets. */
  readonly txQueueLength: number;
}

/**
 * The ifalias of a virtual function: the attachment's, then what is there again once it is back:
 * `podwire mynet/c0ffee/eth0 ens1f0v3 8e:3a:74:ea:01:36 1500 1000`; of very long names the first alone.
 */
export function vfAliasOf(
  attachment: Attachment,
  { ifname, mac, mtu, txQueueLength }: OriginalNetdev,
): string {
  const named = `${aliasOf(attachment)} ${ifname}`;
  const whole = `${named} ${mac} ${mtu} ${txQueueLength}`;
  return new TextEncoder().encode(whole).length < IFALIASZ ? whole : named;
}

/**
 * What the ifalias of a virtual function tells of its time on the host: the name, and what else is there; undefined for
 * links that are not ours.
 */
export function parseVfAlias(
  alias: string,
): (Pick<OriginalNetdev, "ifname"> & Partial<OriginalNetdev>) | undefined {
  const [mark, , ifname, mac, mtu, txQueueLength] = alias.split(" ");
  if (mark !== MARK || ifname === undefined) return undefined;
  if (mac === undefined) return { ifname };
  return { ifname, mac, mtu: Number(mtu), txQueueLength: Number(txQueueLength) };
}

/** True for the ifalias of a link that we made for an attachment. */
export function isMark(alias: string): boolean {
  return alias.startsWith(`${MARK} `);
}

/** The attachment that an ifalias names; undefined for links that are not ours or whose names were too long. */
export function parseAlias(alias: string): Attachment | undefined {
  return isMark(alias) ? parseAttachment(alias.split(" ", 2)[1] ?? "") : undefined;
}

/** The attachment that `describeAttachment` described; undefined for anything else. */
export function parseAttachment(text: string): Attachment | undefined {
  const [network = "", containerId = "", ifname = "", ...others] = text.split("/");
  const isWhole = network !== "" && containerId !== "" && ifname !== "" && others.length === 0;
  return isWhole ? { network, containerId, ifname } : undefined;
}

/** `mynet/c0ffee/eth0` for messages. */
export function describeAttachment({ network, containerId, ifname }: Attachment): string {
  return `${network}/${containerId}/${ifname}`;
}
