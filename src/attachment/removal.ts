/** What a removal is made from: the record, and what its caller knows beside that. */

import type { Environment, Variables } from "../cni/environment.ts";
import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { CniError } from "../error/cni-error.ts";
import { DEFAULT_DATA_DIR } from "../ipam/store.ts";
import { CONFIG_DIR } from "../network/files/read-files.ts";
import type { Attachment } from "./attachment.ts";
import type { Output } from "./output.ts";
import { configDirOf } from "./plan/input.ts";
import { type HostLocalDirectory, placeOf } from "./plan/ipam.ts";
import type { AttachmentRecord, RecordedAddressing } from "./record/record.ts";
import { type Ingress, ingressOfConfig, NO_INGRESS } from "./rules/ingress.ts";

/** What a caller knows of an attachment that is to be removed. */
export interface RemovalFacts {
  /** Path of the container's network namespace; empty where the caller does not know it: then the record's counts. */
  readonly netns: string;
  readonly delegation: Delegation;
  readonly configured: Configured;
  /**
   * Asked about the record once that is locked: a runtime may have added the attachment anew. Absent: it is removed
   * whatever the record says.
   */
  mayRemove?(record: AttachmentRecord | undefined): boolean;
}

/** How delegated address plugins are called. */
export interface Delegation {
  /** Directories where they are looked for, in order. */
  readonly path: readonly string[];
  readonly variables: Variables;
}

/** What a configuration says of an attachment that has no record. */
export interface Configured {
  /** Which address management to ask; a delegated plugin's configuration replaces the recorded one. */
  readonly addressing: RecordedAddressing;
  /** Where the pod's packets entered the node. */
  readonly ingress: Ingress;
  /** Rules about the bridge stand in other programs' chains. */
  readonly forward: boolean;
  /** Directory of networks by name. */
  readonly configDir: string;
  readonly prevResult: Result | undefined;
}

/** Of an attachment that no configuration is at hand for: its record, or its mark, is all that tells. */
export function factsOf(attachment: Attachment, netns: string, path: readonly string[]): RemovalFacts {
  const { containerId, ifname } = attachment;
  const variables = {
    CNI_CONTAINERID: containerId,
    CNI_IFNAME: ifname,
    CNI_NETNS: netns,
    CNI_PATH: path.join(":"),
  };
  const configured = {
    addressing: { kind: "none" },
    ingress: ingressOfConfig({ bridge: "cni0", isGateway: false }),
    forward: false,
    configDir: CONFIG_DIR,
    prevResult: undefined,
  } as const;
  return { netns, delegation: { path, variables }, configured };
}

/** The same for a DEL whose configuration says nothing of it; a record that cannot be read leaves the usual directory. */
export function factsOfCall({ netns, path, variables }: Environment, attachment: Attachment): RemovalFacts {
  const { configured } = factsOf(attachment, netns, path);
  return {
    netns,
    delegation: { path, variables },
    configured: { ...configured, addressing: usualAddressing(attachment.network) },
  };
}

function usualAddressing(network: string): HostLocalDirectory {
  return { kind: "host-local", dataDir: DEFAULT_DATA_DIR, network };
}

/** What the configuration of a DEL or GC says, as far as it can be read: a fault is reported and passed over. */
export function configuredBy(request: Request, output: Output): Configured {
  const { netconf, network, stdin } = request;
  const place = lenient(() => placeOf(netconf.ipam, network), usualAddressing(network), output);
  return {
    addressing: place.kind === "delegate" ? { ...place, netconf: stdin } : place,
    ingress: silent(() => ingressOfConfig(netconf.gateway), NO_INGRESS),
    forward: silent(() => netconf.forward, false),
    configDir: silent(() => configDirOf(request), CONFIG_DIR),
    prevResult: lenient(() => netconf.prevResult, undefined, output),
  };
}

function lenient<T>(decode: () => T, otherwise: T, { report }: Output): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    report(`ignored on removal: ${error.message}`);
    return otherwise;
  }
}

/** For what matters only where there is no record. */
export function silent<T>(decode: () => T, otherwise: T): T {
  try {
    return decode();
  } catch {
    return otherwise; // safe: a fault in the configuration must not fail a removal
  }
}
