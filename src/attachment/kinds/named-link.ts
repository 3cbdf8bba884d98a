/** What the attachment of a pod to a network by name is, by the kind that the network attaches pods with. */

import type { InterfaceConfig } from "../../cni/netconf/interface.ts";
import type { NetConf } from "../../cni/netconf/netconf.ts";
import type { Shaping } from "../../cni/netconf/shaping.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import type { Attach, Network } from "../../network/model.ts";
import type { Attachment } from "../attachment.ts";
import type { LinkPlan } from "../plan/plan.ts";
import type { Traffic } from "../plan/traffic.ts";

/** What is asked of the interface. */
export interface NamedLinkInput {
  readonly attachment: Attachment;
  readonly config: InterfaceConfig;
  readonly netconf: NetConf;
}

export interface NamedLink {
  readonly link: LinkPlan;
  /** Undefined where the pod's packets are left alone. */
  readonly traffic: Traffic | undefined;
  /** Undefined where nothing is shaped. */
  readonly shaping: Shaping | undefined;
}

/** Plans the link of one kind. @throws {CniError} 7: what the kind cannot do is asked for */
export type NamedLinkPlanner<A extends Attach> = (
  network: Network & { readonly attach: A },
  input: NamedLinkInput,
) => NamedLink;

/** @throws {CniError} 7: a device plugin has given a virtual function */
export function refuseDevice({ name, attach }: Network, { netconf }: NamedLinkInput): void {
  if (netconf.device === undefined) return;
  const problem = `deviceID: ${netconf.device} is given, and network "${name}" attaches pods by ${attach.kind}`;
  throw new CniError(CNI_ERROR.invalidNetconf, problem, "want a network with --attach sriov");
}

/** Only a bridge has an end on the host that both directions can be limited at. @throws {CniError} 7 */
export function refuseShaping({ name, attach }: Network, { netconf }: NamedLinkInput): undefined {
  if (netconf.shaping === undefined) return undefined;
  const problem = `runtimeConfig.bandwidth: network "${name}" attaches pods by ${attach.kind}, past the host`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    "want a perfTier with a maximum (podwire perf-tier create -B), or no bandwidth annotation",
  );
}
