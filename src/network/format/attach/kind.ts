/** What a kind of attachment is to the networks by name: its members in the JSON, and what a table shows of them. */

import type { Fields } from "../../../json/fields.ts";
import type { Attach } from "../../model.ts";

export interface AttachKind<A extends Attach = Attach> {
  /** Members of the JSON beside `kind`. */
  readonly keys: readonly string[];

  readonly uplinkUse: UplinkUse;

  /** True where a card writes the VLAN tag: it can be one of 802.1ad, and have a priority. */
  readonly hasHardwareTags: boolean;

  /** `fields` has only members of `keys`. @throws {InvalidFile} */
  decode(fields: Fields): A;

  encode(attach: A): object;

  describe(attach: A): AttachDescription;
}

/**
 * What becomes of an interface that the pods share: a port of a bridge, or the lower device of their interfaces, where a
 * VLAN has one of its own; "none" where each pod has a function of a card.
 */
export type UplinkUse = "port" | "lower device" | "none";

/** Each empty where it has no meaning. */
export interface AttachDescription {
  /** ifnames on the node. */
  readonly interfaces: readonly string[];
  /** `0-7,12` */
  readonly vfs: string;
  readonly driver: string;
}
