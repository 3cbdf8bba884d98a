/** What one ADD is going to do, decided before anything is done: no side effect, no look at the kernel. */

import { checkArguments } from "../cni/arguments.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import { isAtLeast } from "../cni/versions.ts";
import { type Attachment, aliasOf, hostIfnameOf, macsOf } from "./attachment.ts";
import { type BridgeConfig, decodeBridgeConfig } from "./config/bridge.ts";
import { decodeInterfaceSettings, type InterfaceSettings } from "./config/interface.ts";
import { type Addressing, decodeAddressing } from "./config/ipam.ts";
import { decodeShaping, type Shaping } from "./config/shaping.ts";
import { decodeTraffic, type Traffic } from "./config/traffic.ts";

export interface AttachmentPlan {
  readonly attachment: Attachment;
  readonly config: BridgeConfig;
  readonly addressing: Addressing;
  /** Undefined where the pod's packets are left alone. */
  readonly traffic: Traffic | undefined;
  readonly settings: InterfaceSettings;
  /** Undefined where nothing is shaped. */
  readonly shaping: Shaping | undefined;
  readonly hostIfname: string;
  readonly hostMac: string;
  readonly containerMac: string;
  /** ifalias of both ends. */
  readonly alias: string;
}

/** @throws {CniError} 2, 4 or 7: the configuration or CNI_ARGS cannot be followed */
export function planAttachment(request: Request): AttachmentPlan {
  checkArguments(request.args);
  const attachment = attachmentOf(request);
  const config = decodeBridgeConfig(request);
  const addressing = decodeAddressing(request);
  requireExpressible(request, addressing);
  const macs = macsOf(attachment);
  const containerMac = config.mac ?? macs.container;
  return {
    attachment,
    config,
    addressing,
    traffic: decodeTraffic(request, addressing, containerMac),
    settings: decodeInterfaceSettings(request),
    shaping: decodeShaping(request.netconf),
    hostIfname: hostIfnameOf(attachment),
    hostMac: macs.host,
    containerMac,
    alias: aliasOf(attachment),
  };
}

export function attachmentOf(request: Request): Attachment {
  return { network: request.network, containerId: request.containerId, ifname: request.ifname };
}

/** Results of the first versions are made of addresses: without any there would be nothing to print in the end. */
function requireExpressible(request: Request, addressing: Addressing): void {
  if (addressing.kind !== "none" || isAtLeast(request.cniVersion, "0.3.0")) return;
  const problem = `ipam: cniVersion "${request.cniVersion}" cannot express a result without addresses`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'want an ipam section, or cniVersion "0.3.1" or later',
  );
}
