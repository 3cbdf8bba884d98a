/** What rules do with a packet, from plain expressions: what is sure, what may be. */

import { expect, test } from "vitest";
import { evaluateChain, type Rule } from "../../../src/nftables/evaluate.ts";
import {
  accept,
  counter,
  daddr,
  dport,
  drop,
  type Expression,
  goto,
  iifname,
  inSet,
  is,
  l4proto,
  returns,
  saddr,
} from "../../../src/nftables/expression.ts";
import type { FilteredPacket } from "../../../src/nftables/fields.ts";
import { ifnamePart } from "../../../src/nftables/key.ts";
import { type Bound, findKey } from "../../../src/nftables/set-keys.ts";
import { address } from "../../support/fixtures/values.ts";

const PACKET: FilteredPacket = {
  src: address("10.1.0.2"),
  dst: address("192.0.2.1"),
  service: { protocol: "tcp", port: 80 },
  iif: { ifname: "cni0", ifindex: 3 },
  oif: { ifname: "eth0", ifindex: 2 },
  isTranslated: false,
};

const YES = is(daddr(4), Uint8Array.of(192, 0, 2, 1));
const NO = is(saddr(4), Uint8Array.of(10, 1, 0, 3));
/** `meta mark 7`: nobody knows it before. */
const PERHAPS: Expression[] = [
  { NFTA_EXPR_NAME: "meta", NFTA_EXPR_DATA: { NFTA_META_DREG: 1, NFTA_META_KEY: 3 } },
  {
    NFTA_EXPR_NAME: "cmp",
    NFTA_EXPR_DATA: {
      NFTA_CMP_SREG: 1,
      NFTA_CMP_OP: 0,
      NFTA_CMP_DATA: { NFTA_DATA_VALUE: Uint8Array.of(7, 0, 0, 0) },
    },
  },
];

type Chains = Readonly<Record<string, readonly Expression[][]>>;

/** `accept`, `drop`, `translate` and `falls` as far as they are possible, each with the handle of the rule. */
function outcomes(
  chains: Chains,
  packet = PACKET,
  sets: Readonly<Record<string, readonly Bound[]>> = {},
): string[] {
  const rules = Object.entries(chains).map(([chain, list]): [string, Rule[]] => [
    chain,
    list.map((expressions, index) => ({ chain, handle: index + 1, expressions })),
  ]);
  const possible = evaluateChain({ rules: new Map(rules), bounds: (set) => sets[set] }, "base", {
    packet,
    depth: 0,
  });
  const { falls, ...others } = possible;
  const decided = Object.entries(others).map(
    ([verdict, { chain, handle }]) => `${verdict} ${chain}:${handle}`,
  );
  return [...decided.toSorted(), ...(falls ? ["falls"] : [])];
}

function jump(chain: string): Expression {
  const verdict = { NFTA_VERDICT_CODE: 0xff_ff_ff_fd, NFTA_VERDICT_CHAIN: chain };
  return {
    NFTA_EXPR_NAME: "immediate",
    NFTA_EXPR_DATA: { NFTA_IMMEDIATE_DREG: 0, NFTA_IMMEDIATE_DATA: { NFTA_DATA_VERDICT: verdict } },
  };
}

const ROWS: { name: string; chains: Chains; wanted: string[] }[] = [
  { name: "there is no rule", chains: { base: [] }, wanted: ["falls"] },
  { name: "rules count", chains: { base: [[counter]] }, wanted: ["falls"] },
  {
    name: "the first that matches drops",
    chains: { base: [[...NO, accept], [...YES, drop], [accept]] },
    wanted: ["drop base:2"],
  },
  {
    name: "one may drop before another accepts",
    chains: { base: [[...PERHAPS, drop], [accept]] },
    wanted: ["accept base:2", "drop base:1"],
  },
  {
    name: "two may drop, the first of which is named",
    chains: {
      base: [
        [...PERHAPS, drop],
        [...PERHAPS, drop],
      ],
    },
    wanted: ["drop base:1", "falls"],
  },
  {
    name: "one may accept and none else matches",
    chains: { base: [[...PERHAPS, accept]] },
    wanted: ["accept base:1", "falls"],
  },
  {
    name: "something known does not match beside something unknown",
    chains: { base: [[...PERHAPS, ...NO, drop]] },
    wanted: ["falls"],
  },
  {
    name: "a chain that it jumps to returns",
    chains: { base: [[jump("sub")], [drop]], sub: [[returns], [accept]] },
    wanted: ["drop base:2"],
  },
  {
    name: "a chain that it jumps to accepts",
    chains: { base: [[jump("sub")], [drop]], sub: [[accept]] },
    wanted: ["accept sub:1"],
  },
  {
    name: "a chain that it goes to ends",
    chains: { base: [[goto("sub")], [drop]], sub: [[...NO, accept]] },
    wanted: ["falls"],
  },
  {
    name: "it may go to a chain that accepts",
    chains: { base: [[...PERHAPS, goto("sub")], [drop]], sub: [[accept]] },
    wanted: ["accept sub:1", "drop base:2"],
  },
  { name: "it returns from the base", chains: { base: [[...YES, returns], [drop]] }, wanted: ["falls"] },
  { name: "chains lead to each other", chains: { base: [[jump("base")]] }, wanted: ["falls"] },
  { name: "a chain is not there", chains: { base: [[jump("none")], [drop]] }, wanted: ["drop base:2"] },
  {
    name: "the destination is translated",
    chains: { base: [[...YES, { NFTA_EXPR_NAME: "nat" }]] },
    wanted: ["translate base:1"],
  },
  {
    name: "iptables rejects",
    chains: { base: [[{ NFTA_EXPR_NAME: "target", NFTA_EXPR_DATA: { NFTA_TARGET_NAME: "REJECT" } }]] },
    wanted: ["drop base:1"],
  },
  {
    name: "a match of iptables is not known",
    chains: { base: [[{ NFTA_EXPR_NAME: "match", NFTA_EXPR_DATA: { NFTA_MATCH_NAME: "random" } }, drop]] },
    wanted: ["drop base:1", "falls"],
  },
];

test.for(ROWS)("evaluateChain() tells what is possible when $name", ({ chains, wanted }) => {
  expect(outcomes(chains)).toEqual(wanted);
});

test.for([
  ["known", PACKET, ["drop base:1"]],
  ["not known", { ...PACKET, service: undefined }, ["drop base:1", "falls"]],
] as const)("evaluateChain() looks at ports when they are %s", ([, packet, wanted]) => {
  const chains = { base: [[...is(l4proto, Uint8Array.of(6)), ...is(dport, Uint8Array.of(0, 80)), drop]] };
  expect(outcomes(chains, packet)).toEqual(wanted);
});

test.for([
  ["has the key", [{ key: ifnamePart("cni0").toHex(), isEnd: false }], ["drop base:1"]],
  ["has others", [{ key: ifnamePart("cni1").toHex(), isEnd: false }], ["falls"]],
  ["is empty", [], ["falls"]],
  ["cannot be told", undefined, ["drop base:1", "falls"]],
] as const)("evaluateChain() looks a set up when it %s", ([, bounds, wanted]) => {
  const sets = bounds === undefined ? {} : { names: bounds };
  expect(outcomes({ base: [[...inSet("names", [iifname]), drop]] }, PACKET, sets)).toEqual(wanted);
});

/** 10 to 1f, 30 alone, from 80 on. */
const INTERVALS = [
  ["00", true],
  ["10", false],
  ["20", true],
  ["30", false],
  ["31", true],
  ["80", false],
] as const;

test.for([
  ["0f", undefined],
  ["10", "10"],
  ["1f", "10"],
  ["20", undefined],
  ["30", "30"],
  ["31", undefined],
  ["ff", "80"],
] as const)("findKey() finds the interval of %s when bounds come in any order", ([key, wanted]) => {
  const bounds = INTERVALS.map(([first, isEnd]) => ({ key: first, isEnd })).toReversed();
  expect(findKey(bounds, key)?.key).toBe(wanted);
});
