/** The hop through a neighbour cache: whose MAC address the packet gets. */

import { type Address, formatAddress } from "../../addr/address.ts";
import type { Neighbour } from "../../link/neighbour.ts";
import { type Hop, passes, warns } from "./hop.ts";

interface NeighbourFacts {
  /** Who asks: a pod's name, or "the node". */
  readonly name: string;
  readonly ifname: string;
  /** The next hop. */
  readonly address: Address;
  /** Undefined where nobody has asked for it yet. */
  readonly neighbour: Neighbour | undefined;
}

export function judgeNeighbour({ name, ifname, address, neighbour }: NeighbourFacts): Hop {
  const text = formatAddress(address);
  if (neighbour === undefined) return passes("neighbour", `${name} does not know ${text} yet and will ask`);
  const { mac, state } = neighbour;
  if (state === "FAILED" || state === "INCOMPLETE")
    return warns(
      "neighbour",
      `${text} did not answer when ${name} asked for it on ${ifname} (${state}); it will ask again`,
    );
  return passes("neighbour", `${text} is ${mac} on ${ifname} (${state})`);
}
