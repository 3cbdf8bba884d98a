/** The hop through masquerade: under whose address a pod's packet goes on. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { prefixContains } from "../../addr/prefix.ts";
import type { InterfaceAddress } from "../../link/address.ts";
import { describeElement } from "../../nftables/elements/describe.ts";
import type { Masquerade } from "../../nftables/explain.ts";
import { type Hop, passes } from "./hop.ts";

/** What the kernel takes as a sender's address on an interface (inet_select_addr): the next hop's network before others. */
export function masqueradeAddress(
  addresses: readonly InterfaceAddress[],
  nextHop: Address,
): Address | undefined {
  const usable = addresses.filter(
    ({ prefix, isLinkLocal, isTentative }) =>
      prefix.address.family === nextHop.family && !isLinkLocal && !isTentative,
  );
  const near = usable.find(({ prefix }) => prefixContains(prefix, nextHop));
  return (near ?? usable[0])?.prefix.address;
}

export function judgeMasquerade(masquerade: Masquerade, src: Address, address: Address | undefined): Hop {
  const own = formatAddress(src);
  if (masquerade.kind === "masqueraded") {
    const as =
      address === undefined ? "an address of the node" : `the node's address ${formatAddress(address)}`;
    return passes("masquerade", `${own} becomes ${as}, by ${describeElement(masquerade.element)}`);
  }
  if (masquerade.kind === "non-masqueraded")
    return passes("masquerade", `${own} stays: chain ${masquerade.chain} leaves this destination alone`);
  return passes("masquerade", `${own} stays: whoever is there needs a way back to it by this node`);
}
