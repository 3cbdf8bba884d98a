/** The planners of networks by name, by the kind that a network attaches pods with. */

import type { Attach, Network } from "../../network/model.ts";
import { planBridgeLink } from "./bridge/named-link.ts";
import { planMacvlanLink } from "./macvlan/named-link.ts";
import type { NamedLink, NamedLinkInput, NamedLinkPlanner } from "./named-link.ts";
import { planSriovLink } from "./sriov/named-link.ts";

const PLANNERS: { readonly [K in Attach["kind"]]: NamedLinkPlanner<Extract<Attach, { kind: K }>> } = {
  bridge: planBridgeLink,
  macvlan: planMacvlanLink,
  sriov: planSriovLink,
};

/** @throws {CniError} 7: what the kind cannot do is asked for */
export function planNamedLink(network: Network, input: NamedLinkInput): NamedLink {
  const plan = PLANNERS[network.attach.kind] as NamedLinkPlanner<Attach>; // `as`: that of the network's own kind
  return plan(network, input);
}
