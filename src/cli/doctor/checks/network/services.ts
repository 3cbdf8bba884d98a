/** Addresses of Services that the node itself has: host ports take what comes to their ports. */

import { formatPrefix, isSinglePrefix, type Prefix } from "../../../../addr/prefix.ts";
import type { AttachmentRecord } from "../../../../attachment/record/record.ts";
import { isForAny } from "../../../../nftables/features/host-port.ts";
import { isLeftAlone } from "../../../../nftables/features/left-alone.ts";
import type { NodeAddress } from "../../facts.ts";
import { type Check, type Finding, warning } from "../../finding.ts";

/** The interface that kube-proxy in mode IPVS gives every Service's address. */
const IPVS_INTERFACE = "kube-ipvs0";

export const SERVICE_CHECKS: readonly Check[] = [
  {
    group: "firewall",
    name: "services",
    run: ({ addresses, ownNetworks, living }) =>
      judgeServices(servicesOf(addresses(), ownNetworks()), living()),
  },
];

/** Addresses of that interface, and whole networks that are the node's by a local route. */
export function servicesOf(addresses: readonly NodeAddress[], networks: readonly Prefix[]): Prefix[] {
  return [
    ...addresses.filter(({ ifname }) => ifname === IPVS_INTERFACE).map(({ prefix }) => prefix),
    ...networks.filter((network) => !isSinglePrefix(network) && !isLeftAlone(network)),
  ];
}

/** Nothing is said where all is well: most nodes have no such addresses. */
export function judgeServices(services: readonly Prefix[], living: readonly AttachmentRecord[]): Finding[] {
  const byNetwork = Map.groupBy(living.filter(hasAnyPort), ({ network }) => network);
  return [...byNetwork].flatMap(([network, records]) => {
    const taken = services
      .filter((service) => records.some(({ traffic }) => !isLeftAlone(service, traffic?.hostPorts?.except)))
      .map(formatPrefix);
    return taken.length === 0 ? [] : [trouble(network, taken)];
  });
}

/** For every address of the node. */
function hasAnyPort({ traffic }: AttachmentRecord): boolean {
  return traffic?.hostPorts?.mappings.some((port) => isForAny({ port })) === true;
}

function trouble(network: string, taken: readonly string[]): Finding {
  return warning(`host ports of network "${network}" take ports of Services: the node has their addresses`, {
    details: taken,
    meaning: "what comes to such a port of a Service goes to the pod that has it as its host port",
    command: `"hostPortExclude" with the network of Services in the configuration of "${network}", such as ["10.96.0.0/12"]`,
  });
}
