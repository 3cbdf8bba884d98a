/** Hops through podwire's own rules: masquerade, and what somebody took from our tables. */

import { type Address, formatAddress, sameAddress } from "../../addr/address.ts";
import { prefixContains, singlePrefix } from "../../addr/prefix.ts";
import type { Service } from "../../addr/service.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { wantedOf } from "../../attachment/rules/ruleset.ts";
import type { InterfaceAddress } from "../../link/address.ts";
import { describeElement } from "../../nftables/elements/describe.ts";
import type { Masquerade } from "../../nftables/explain.ts";
import { type HostPort, isForAny } from "../../nftables/features/host-port.ts";
import { isLeftAlone } from "../../nftables/features/left-alone.ts";
import { isBaseInForce } from "../../nftables/whole.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { type Hop, passes, warns } from "./hop.ts";

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
  if (masquerade.kind === "within cluster")
    return passes("masquerade", `${own} stays: both are within the cluster`);
  if (masquerade.kind === "non-masqueraded")
    return passes("masquerade", `${own} stays: chain ${masquerade.chain} leaves this destination alone`);
  return passes("masquerade", `${own} stays: whoever is there needs a way back to it by this node`);
}

const REPAIR = "podwire repair";

/** The chains that the pod's elements are looked up by are not whole, or not called: then its elements do nothing. */
export function judgeBase({ netfilter }: Facts, record: AttachmentRecord): Hop[] {
  const wanted = wantedOf(record);
  if (netfilter === undefined || wanted === undefined || isBaseInForce(netfilter, wanted)) return [];
  const text = `rules of podwire's tables that ${podNameOf(record)} needs are gone, or the table is dormant: its masquerade, host ports and policy do not work`;
  return [warns("node", text, REPAIR)];
}

/** A pod's record has the port of the node, and no element leads there. */
export function judgeLostHostPort({ living }: Facts, dst: Address, service: Service): Hop[] {
  const loser = living.find(({ traffic }) => {
    const { mappings = [], except } = traffic?.hostPorts ?? {};
    const isFor = (port: HostPort) =>
      isForAny({ port })
        ? !isLeftAlone(singlePrefix(dst), except)
        : port.hostIp !== undefined && sameAddress(port.hostIp, dst);
    return mappings.some(
      (port) => port.protocol === service.protocol && port.hostPort === service.port && isFor(port),
    );
  });
  if (loser === undefined) return [];
  const text = `port ${service.port}/${service.protocol} should lead to ${podNameOf(loser)}, and no element of table inet podwire says so`;
  return [warns("hostport", text, REPAIR)];
}

/** The pod's network is to be masqueraded, and no element says so. */
export function judgeLostMasquerade({ traffic }: AttachmentRecord): Hop[] {
  if (traffic?.kept === undefined) return [];
  return [
    warns(
      "masquerade",
      "it should get the node's address, and no element of table inet podwire says so",
      REPAIR,
    ),
  ];
}
