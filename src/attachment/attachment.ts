/** An attachment: one interface of one container on one network, and the names that follow from it. */

import { localMac } from "../addr/mac.ts";

/** The specification's key of what ADD makes and DEL removes (SPEC.md, "Adding an attachment"). */
export interface Attachment {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

const HOST_PREFIX = "veth";
const IFNAME_LENGTH = 15; // IFNAMSIZ - 1
const ALIAS_LENGTH = 255; // IFALIASZ - 1
const MARK = "podwire";

/** Bytes that are the same for every call about one interface of one container, and differ from all others'. */
function fingerprint({ containerId, ifname }: Attachment): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(`${containerId}/${ifname}`).digest();
}

/** Name of the veth end on the host: recomputed by DEL, never stored in memory alone. */
export function hostIfnameOf(attachment: Attachment): string {
  const hex = fingerprint(attachment).toHex();
  return `${HOST_PREFIX}${hex}`.slice(0, IFNAME_LENGTH);
}

/**
 * Hardware addresses of both ends. Set explicitly so that no device manager of the host replaces them
 * (systemd.link(5), MACAddressPolicy).
 */
export function macsOf(attachment: Attachment): { readonly host: string; readonly container: string } {
  const bytes = fingerprint(attachment);
  return { host: localMac(bytes.subarray(8)), container: localMac(bytes.subarray(16)) };
}

/** The ifalias of every link that we make for the attachment; DEL and GC remove only what bears it. */
export function aliasOf(attachment: Attachment): string {
  const { network, containerId, ifname } = attachment;
  const alias = `${MARK} ${network}/${containerId}/${ifname}`;
  if (alias.length <= ALIAS_LENGTH) return alias;
  return `${MARK} ${fingerprint(attachment).toHex()}`;
}

/** The attachment that an ifalias names; undefined for links that are not ours or whose names were too long. */
export function parseAlias(alias: string): Attachment | undefined {
  const match = /^podwire ([^/]+)\/([^/]+)\/([^/]+)$/.exec(alias);
  const [, network, containerId, ifname] = match ?? [];
  if (network === undefined || containerId === undefined || ifname === undefined) return undefined;
  return { network, containerId, ifname };
}

/** `mynet/c0ffee/eth0` for messages. */
export function describeAttachment({ network, containerId, ifname }: Attachment): string {
  return `${network}/${containerId}/${ifname}`;
}
