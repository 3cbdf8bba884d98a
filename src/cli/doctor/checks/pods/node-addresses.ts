/** Addresses of the node itself among those that pods are given: ADD passes over them. */

import { formatAddress, sameAddress } from "../../../../addr/address.ts";
import { formatPrefix } from "../../../../addr/prefix.ts";
import { describeRangeSet, rangeContains } from "../../../../ipam/range.ts";
import type { Pool } from "../../../../node/pools.ts";
import type { NodeAddress } from "../../facts.ts";
import { type Check, type Finding, orOk, warning } from "../../finding.ts";

export const NODE_ADDRESS_CHECKS: readonly Check[] = [
  {
    group: "pools",
    name: "node-addresses",
    run: ({ addresses, pools }) =>
      judgeNodeAddresses(
        addresses(),
        pools().map(({ pool }) => pool),
      ),
  },
];

type Ranges = Pick<Pool, "network" | "sets">;

/** The gateway of any range is where it should be. */
export function judgeNodeAddresses(addresses: readonly NodeAddress[], pools: readonly Ranges[]): Finding[] {
  const gateways = pools.flatMap(({ sets }) => sets.flat().flatMap(({ gateway }) => gateway ?? []));
  const isGateway = ({ prefix }: NodeAddress) =>
    gateways.some((gateway) => sameAddress(gateway, prefix.address));
  const troubles = addresses
    .filter((address) => !isGateway(address))
    .flatMap((address) => pools.flatMap((pool) => judgeAddress(address, pool)));
  return orOk(troubles, "no address of the node, but gateways, is in a range of pods");
}

function judgeAddress({ ifname, prefix }: NodeAddress, { network, sets }: Ranges): Finding[] {
  const range = sets.flat().find((one) => rangeContains(one, prefix.address));
  if (range === undefined) return [];
  const address = formatAddress(prefix.address);
  return [
    warning(
      `${address} of "${ifname}", the node's own, is in ${describeRangeSet([range])} of network "${network}"`,
      {
        meaning: "no pod gets it: ADD passes over it, and refuses a pod that asks for it",
        command: `ip address del ${formatPrefix(prefix)} dev ${ifname}, or a range without it`,
      },
    ),
  ];
}
