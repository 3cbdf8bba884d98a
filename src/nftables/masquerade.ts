/** Masquerade: a chain for each list of destinations that pods reach under their own address, and pods that go there. */

import { ADDRESS_BITS, type Address, addressToBytes } from "../addr/address.ts";
import { lastAddressOf, networkOf, type Prefix } from "../addr/prefix.ts";
import { fingerprintOf } from "../linux/fingerprint.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { INTERVAL_END, SET_FLAG, type setElement } from "../netlink/netfilter/nf-tables.ts";
import type { Element } from "./element.ts";
import { daddr, type Expression, inSet, isFamily, masquerade, returns } from "./expression.ts";
import { addressPart, familyName, ifnamePart, KEY_TYPE, keyOf } from "./key.ts";
import {
  chainRequest,
  type NetfilterRequest,
  ruleRequest,
  ruleRequests,
  setRequest,
  TABLE_NAME,
} from "./table.ts";

/** Multicast of both families (RFC 5771, RFC 4291 §2.7). */
const MULTICAST: readonly Prefix[] = [
  { address: { family: 4, value: 0xe0_00_00_00n }, prefixLength: 4 },
  { address: { family: 6, value: 0xffn << 120n }, prefixLength: 8 },
];

/** What the names of these chains begin with. */
export const MASQUERADE_PREFIX = "masquerade-";

/** Bounds that one message can carry: a list of attributes is at most 65535 bytes long. */
const MESSAGE_LIMIT = 1000;

/** Rules of a whole chain. */
export const CHAIN_RULES = 3;

/** First and last address of what needs no masquerade. */
interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** The chain for these destinations: its name tells them apart, so that its rules never change. */
export interface MasqueradeChain {
  readonly name: string;
  readonly kept: Readonly<Record<4 | 6, readonly Interval[]>>;
}

export function masqueradeChain(kept: readonly Prefix[]): MasqueradeChain {
  const all = [...kept, ...MULTICAST];
  const intervals = { 4: mergedIntervals(all, 4), 6: mergedIntervals(all, 6) };
  const text = [...intervals[4], ...intervals[6]].map(({ first, last }) => `${first}-${last}`).join();
  return {
    name: `${MASQUERADE_PREFIX}${fingerprintOf(text)}`,
    kept: intervals,
  };
}

/** In order and apart: the kernel refuses intervals that overlap. */
function mergedIntervals(prefixes: readonly Prefix[], family: 4 | 6): Interval[] {
  const merged: Interval[] = [];
  const own = prefixes.filter((prefix) => prefix.address.family === family);
  const sorted = own
    .map((prefix) => ({ first: networkOf(prefix).address.value, last: lastAddressOf(prefix).value }))
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  for (const { first, last } of sorted) {
    const previous = merged.at(-1);
    if (previous === undefined || first > previous.last + 1n) merged.push({ first, last });
    else if (last > previous.last) merged[merged.length - 1] = { first: previous.first, last };
  }
  return merged;
}

/** `{ "cni0" . 10.1.0.5 : goto masquerade-… }` for each address. */
export function masqueradeElements(
  bridge: string,
  addresses: readonly Address[],
  chain: MasqueradeChain,
  owner: string,
): Element[] {
  return addresses.map((address) => ({
    table: "inet",
    set: `masquerade_${familyName(address.family)}`,
    key: keyOf(ifnamePart(bridge), addressPart(address)),
    value: { chain: chain.name },
    owner,
  }));
}

/**
 * Makes the chain anew:
 *
 *     ip daddr { 10.1.0.0/16, 224.0.0.0/4 } return
 *     ip6 daddr { ff00::/8 } return
 *     masquerade
 */
export function masqueradeChainRequests({ name, kept }: MasqueradeChain): NetfilterRequest[] {
  const chain = { name, use: CHAIN_RULES, rules: () => [] };
  return [
    chainRequest(NFPROTO.INET, chain),
    ...ruleRequests(NFPROTO.INET, chain),
    ...returnRequests(name, 4, kept[4]),
    ...returnRequests(name, 6, kept[6]),
    ruleRequest(NFPROTO.INET, name, [masquerade]),
  ];
}

/** A rule with a set of its own, which goes with the rule. */
function returnRequests(chain: string, family: 4 | 6, intervals: readonly Interval[]): NetfilterRequest[] {
  const key = family === 4 ? KEY_TYPE.ipv4_addr : KEY_TYPE.ipv6_addr;
  const id = 100 + family; // of this transaction; the numbers of the base's sets are below
  const set = { name: "__set%d", key: [key] };
  const { ANONYMOUS, CONSTANT, INTERVAL } = SET_FLAG;
  const body = {
    nfgen_family: NFPROTO.INET,
    NFTA_SET_ELEM_LIST_TABLE: TABLE_NAME,
    NFTA_SET_ELEM_LIST_SET: set.name,
    NFTA_SET_ELEM_LIST_SET_ID: id,
  };
  const bounds = intervalElements(family, intervals);
  const pieces = Array.from({ length: Math.ceil(bounds.length / MESSAGE_LIMIT) }, (_, index) =>
    bounds.slice(index * MESSAGE_LIMIT, (index + 1) * MESSAGE_LIMIT),
  );
  return [
    setRequest(NFPROTO.INET, set, id, ANONYMOUS | CONSTANT | INTERVAL),
    ...pieces.map(
      (NFTA_SET_ELEM_LIST_ELEMENTS): NetfilterRequest => ({
        message: "NFT_MSG_NEWSETELEM",
        flags: NLM_F.CREATE,
        body: { ...body, NFTA_SET_ELEM_LIST_ELEMENTS },
      }),
    ),
    ruleRequest(NFPROTO.INET, chain, returnExpressions(family, set.name, id)),
  ];
}

function returnExpressions(family: 4 | 6, set: string, id?: number): Expression[] {
  return [...isFamily(family), ...inSet(set, [daddr(family)], id === undefined ? {} : { id }), returns];
}

/** The chain's rules as the kernel shows them, with the names that it gave to their sets. */
export function masqueradeRules(sets: readonly [string, string]): Expression[][] {
  return [returnExpressions(4, sets[0]), returnExpressions(6, sets[1]), [masquerade]];
}

type Bound = ValueOf<typeof setElement>;

/** What the sets of both rules hold: a line for each bound, in order. */
export function boundsOf({ kept }: MasqueradeChain, family: 4 | 6): string[] {
  return intervalElements(family, kept[family]).map(describeBound).sort();
}

export function describeBound(element: Bound): string {
  const { NFTA_SET_ELEM_KEY: key, NFTA_SET_ELEM_FLAGS: flags = 0 } = element;
  return `${key?.NFTA_DATA_VALUE?.toHex() ?? ""} ${flags}`;
}

/** Each interval by its first key and the first after it; before them, the end of nothing, as nft(8) writes it. */
function intervalElements(family: 4 | 6, intervals: readonly Interval[]) {
  const end = 1n << BigInt(ADDRESS_BITS[family]);
  const keyed = (value: bigint) => ({
    NFTA_SET_ELEM_KEY: { NFTA_DATA_VALUE: addressToBytes({ family, value }) },
  });
  const nothing = intervals[0]?.first === 0n ? [] : [{ ...keyed(0n), NFTA_SET_ELEM_FLAGS: INTERVAL_END }];
  const bounds = intervals.flatMap(({ first, last }) =>
    last + 1n === end
      ? [keyed(first)]
      : [keyed(first), { ...keyed(last + 1n), NFTA_SET_ELEM_FLAGS: INTERVAL_END }],
  );
  return [...nothing, ...bounds];
}
