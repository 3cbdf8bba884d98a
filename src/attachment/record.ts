/** The written trace of an attachment: made before anything else by ADD, removed last by DEL. */

import { type Address, formatAddress, parseAddress } from "../addr/address.ts";
import type { Prefix } from "../addr/prefix.ts";
import type { PodName } from "../cni/arguments.ts";
import type { Shaping } from "../cni/netconf/shaping.ts";
import { isErrno } from "../linux/error.ts";
import {
  closeFile,
  exists,
  makeFolder,
  OPEN,
  openFile,
  readAll,
  removeFile,
  writeAll,
} from "../linux/file.ts";
import { lockDescriptor } from "../linux/lock.ts";
import { statDescriptor } from "../linux/stat.ts";
import { createWhole } from "../linux/whole-file.ts";
import type { VfSettings } from "../sriov/vf-settings.ts";
import { type Attachment, type FirstNetdev, hostIfnameOf, type LinkKind } from "./attachment.ts";
import type { HostLocalFolder } from "./plan/ipam.ts";
import type { Traffic } from "./plan/traffic.ts";

export const RECORD_ROOT = "/run/podwire";

const NAME_LENGTH = 240; // leaves room below NAME_MAX for the suffix

/** Who gave the addresses, with what is needed to give them back. */
export type RecordedAddressing =
  | { readonly kind: "none" }
  | HostLocalFolder
  | { readonly kind: "delegate"; readonly plugin: string; readonly netconf: string };

/** What the pod got by asking for a network by name. */
export interface RecordedNetwork {
  readonly name: string;
  readonly tier: string;
  /** `namespace/name` of the persistent endpoint whose addresses it has. */
  readonly endpoint?: string;
}

/** An interface of the node that the pod's traffic goes through past the node's own stack. */
export interface RecordedUplink {
  readonly ifname: string;
  readonly vlan?: number;
  /** Sender of the pod's frames. */
  readonly mac: string;
  /** Rates are kept for that sender. */
  readonly isShaped?: true;
  /** Guaranteed to it; absent: nothing. */
  readonly minMbps?: number;
}

/** A virtual function as it was before the pod got it. */
export interface RecordedVf {
  readonly pf: string;
  readonly index: number;
  readonly pciAddress: string;
  /** Absent where it had no interface. */
  readonly netdev?: FirstNetdev;
  readonly driver: string;
  /** Absent where no driver had been set apart for it. */
  readonly driverOverride?: string;
  /** On the physical function. */
  readonly original: Partial<VfSettings>;
  /** Those of them that this attachment changes. */
  readonly wanted: Partial<VfSettings>;
}

export interface AttachmentRecord extends Attachment {
  readonly kind: LinkKind;
  /** Absent where the runtime named none. */
  readonly pod?: PodName;
  /** Path of the container's network namespace at the time of ADD. */
  readonly netns: string;
  /** The veth end on the host, and the bridge that it is a port of; both empty where there is none. */
  readonly hostIfname: string;
  readonly bridge: string;
  /** The VLAN of the bridge that the node is a gateway of, by an interface of its own; absent: the bridge itself. */
  readonly gatewayVlan?: number;
  /** Bytes. */
  readonly mtu: number;
  readonly addressing: RecordedAddressing;
  /** The pod's addresses with their prefix lengths; absent until a delegated plugin has given them. */
  readonly ips?: readonly Prefix[];
  /** Absent where the pod's packets are left alone. */
  readonly traffic?: Traffic;
  /** Rules about the bridge stand in other programs' chains, and go with its last pod. */
  readonly forward?: true;
  /** Absent where the pod sends and gets as fast as it can. */
  readonly shaping?: Shaping;
  /** Absent on the configuration's own bridge. */
  readonly named?: RecordedNetwork;
  readonly uplink?: RecordedUplink;
  readonly vf?: RecordedVf;
  /** Interfaces that the same ADD made for this container: they go with this one. */
  readonly companions?: readonly string[];
  /** The interface that this one goes with. */
  readonly primary?: string;
  /** Time of ADD, ISO 8601. */
  readonly createdAt: string;
}

/** The attachment has a record already. */
export class AttachmentExists extends Error {
  override readonly name = "AttachmentExists";
}

export function folderOf(network: string): string {
  return `${RECORD_ROOT}/${network}`;
}

/** Neither part can contain the colon between them. */
function pathOf(attachment: Attachment): string {
  const name = `${attachment.containerId}:${attachment.ifname}`;
  const short = new TextEncoder().encode(name).length <= NAME_LENGTH ? name : hostIfnameOf(attachment);
  return `${folderOf(attachment.network)}/${short}.json`;
}

/**
 * Writes the record, locked for as long as this process lives.
 * @returns the open descriptor, for `extendRecord`
 * @throws {AttachmentExists} there is one; nothing was changed
 */
export function writeRecord(record: AttachmentRecord): number {
  const path = pathOf(record);
  const create = () => createWhole(path, JSON.stringify(record, toJson), (fd) => lockDescriptor(fd, path, 0));
  try {
    return create();
  } catch (error) {
    if (isErrno(error, "EEXIST"))
      throw new AttachmentExists(`attachment has a record already: ${path}`, { cause: error });
    if (!isErrno(error, "ENOENT")) throw error;
    makeFolder(folderOf(record.network), 0o700);
    return create();
  }
}

/** Adds what became known later, as a line of its own: a reader finds all of it or none. */
export function extendRecord(fd: number, more: Partial<AttachmentRecord>): void {
  writeAll(fd, new TextEncoder().encode(`\n${JSON.stringify(more, toJson)}`), "record");
}

function toJson(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "family" in value
    ? formatAddress(value as Address)
    : value; // `as`: only addresses have a family
}

/** A record on disk, locked. */
export interface OpenRecord {
  /** Undefined where the file holds no whole record. */
  readonly record: AttachmentRecord | undefined;
  /** Gives the lock back; without it the record stays locked while this process lives. */
  unlock(): void;
}

/**
 * Waits for an ADD of the attachment that still runs, takes the record's lock and reads it. Undefined where there is
 * none.
 * @throws {LockTimeout}
 */
export function lockRecord(attachment: Attachment): OpenRecord | undefined {
  const path = pathOf(attachment);
  for (;;) {
    const fd = openIfAny(path);
    if (fd === undefined) return undefined;
    lockDescriptor(fd, path);
    if (statDescriptor(fd).linkCount > 0)
      return {
        record: parseRecord(new TextDecoder().decode(readAll(fd, path))),
        unlock: () => closeFile(fd),
      };
    closeFile(fd); // removed while we waited
  }
}

function openIfAny(path: string): number | undefined {
  try {
    return openFile(path, OPEN.readOnly);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** The record as it is, without waiting for an ADD that still runs; undefined where there is none, or none that is whole. */
export function readRecordFile(path: string): AttachmentRecord | undefined {
  const fd = openIfAny(path);
  if (fd === undefined) return undefined;
  try {
    return parseRecord(new TextDecoder().decode(readAll(fd, path)));
  } finally {
    closeFile(fd);
  }
}

export function hasRecord(attachment: Attachment): boolean {
  return exists(pathOf(attachment));
}

export function removeRecord(attachment: Attachment): void {
  removeFile(pathOf(attachment));
}

function parseRecord(text: string): AttachmentRecord | undefined {
  try {
    const lines = text.split("\n").map((line) => JSON.parse(line, fromJson));
    return Object.assign({}, ...lines) as AttachmentRecord; // `as`: written by writeRecord, whole or not at all
  } catch {
    return undefined; // safe: DEL then searches instead of relying on the record
  }
}

function fromJson(key: string, value: unknown): unknown {
  const isAddress = (key === "address" || key === "hostIp") && typeof value === "string";
  return isAddress ? parseAddress(value) : value;
}
