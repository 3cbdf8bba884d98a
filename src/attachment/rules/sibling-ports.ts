/** Host ports that a container's other attachment has already: a runtime hands the same ones to each of its networks. */

import { type Element, identityOf } from "../../nftables/elements/element.ts";
import type { AttachmentRecord } from "../record/record.ts";
import { ownedOf, wantedOf } from "./ruleset.ts";

/** What is left of the traffic without the host port that the element is of; undefined where it is of none. */
export function withoutPortOf(
  record: AttachmentRecord,
  element: Element,
): AttachmentRecord["traffic"] | undefined {
  const { traffic } = record;
  if (traffic?.hostPorts === undefined) return undefined;
  const { hostPorts, ...others } = traffic;
  const mappings = hostPorts.mappings.filter((mapping) => {
    const alone = { ...record, traffic: { ...others, hostPorts: { ...hostPorts, mappings: [mapping] } } };
    const own = ownedOf(wantedOf(alone) ?? { elements: [] });
    return !own.some((one) => identityOf(one) === identityOf(element));
  });
  if (mappings.length === hostPorts.mappings.length) return undefined;
  return mappings.length === 0 ? others : { ...others, hostPorts: { ...hostPorts, mappings } };
}
