/** Chains of `table inet podwire` that are named by a hash of what they do, so that their rules never change. */

import { NLM_F } from "../../netlink/codec/message.ts";
import type { Expression } from "../../netlink/netfilter/expression.ts";
import { NFPROTO } from "../../netlink/netfilter/header.ts";
import { SET_FLAG, type SetElement } from "../../netlink/netfilter/nf-tables.ts";
import type { NetfilterRequest } from "../../netlink/netfilter/protocol.ts";
import type { KeyType } from "./key.ts";
import { chainRequest, flushRequest, ruleRequest, setRequest, TABLE_NAME } from "./requests.ts";

/** What elements of a verdict map lead to: made with the first of them, shared by all pods that need the same rules. */
export interface HashedChain {
  readonly name: string;
  readonly rules: readonly HashedRule[];
}

export interface HashedRule {
  /** Intervals that the rule looks into: an anonymous set, which goes with the rule. */
  readonly set?: AnonymousSet;
  /** `set`: the one above. */
  expressions(set: SetReference): readonly Expression[];
}

interface AnonymousSet {
  readonly key: KeyType;
  bounds(): readonly SetElement[];
}

/** A set by its name, and by its id where it is made in the same transaction. */
interface SetReference {
  readonly name: string;
  readonly id?: number;
}

/** Bounds that one message can carry: a list of attributes is at most 65535 bytes long. */
const MESSAGE_LIMIT = 1000;

/** The kernel puts a number of its own in the place of `%d`. */
const ANONYMOUS_NAME = "__set%d";

/** Makes the chain anew. `firstId`: of the transaction; the set of each rule has the id of its position after it. */
export function hashedChainRequests({ name, rules }: HashedChain, firstId: number): NetfilterRequest[] {
  return [
    chainRequest(NFPROTO.INET, { name }),
    flushRequest(NFPROTO.INET, name),
    ...rules.flatMap(({ set, expressions }, index) => {
      const reference = { name: ANONYMOUS_NAME, id: firstId + index };
      return [
        ...(set === undefined ? [] : anonymousSetRequests(set, reference.id)),
        ruleRequest(NFPROTO.INET, name, expressions(reference)),
      ];
    }),
  ];
}

function anonymousSetRequests({ key, bounds }: AnonymousSet, id: number): NetfilterRequest[] {
  const { ANONYMOUS, CONSTANT, INTERVAL } = SET_FLAG;
  const set = { name: ANONYMOUS_NAME, key: [key], flags: ANONYMOUS | CONSTANT | INTERVAL };
  const body = {
    nfgen_family: NFPROTO.INET,
    NFTA_SET_ELEM_LIST_TABLE: TABLE_NAME,
    NFTA_SET_ELEM_LIST_SET: set.name,
    NFTA_SET_ELEM_LIST_SET_ID: id,
  };
  const elements = bounds();
  const pieces = Array.from({ length: Math.ceil(elements.length / MESSAGE_LIMIT) }, (_, index) =>
    elements.slice(index * MESSAGE_LIMIT, (index + 1) * MESSAGE_LIMIT),
  );
  return [
    setRequest(NFPROTO.INET, set, id),
    ...pieces.map(
      (NFTA_SET_ELEM_LIST_ELEMENTS): NetfilterRequest => ({
        message: "NFT_MSG_NEWSETELEM",
        flags: NLM_F.CREATE,
        body: { ...body, NFTA_SET_ELEM_LIST_ELEMENTS },
      }),
    ),
  ];
}
