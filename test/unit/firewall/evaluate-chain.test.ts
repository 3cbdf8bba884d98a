/** What rules do with a packet, from plain expressions: what is sure, what may be. */

import { expect, test } from "vitest";
import { evaluateChain } from "../../../src/firewall/evaluate-chain.ts";
import type { FilteredPacket } from "../../../src/firewall/packet.ts";
import type { Rule } from "../../../src/firewall/rules.ts";
import type { Expression } from "../../../src/netlink/netfilter/expression.ts";
import { paddedIfname } from "../../../src/netlink/netfilter/ifname.ts";
import { daddr, dport, iifname, l4proto, saddr } from "../../../src/netlink/netfilter/packet-field.ts";
import type { Bound } from "../../../src/netlink/netfilter/set-bound.ts";
import { accept, counter, drop, goto, inSet, is, returns } from "../../../src/netlink/netfilter/statement.ts";
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

/** `accept`, `drop` and `translate` as far as they are possible, each with the handle of the rule; `falls`: falls through. */
function outcomes(
  chains: Chains,
  packet = PACKET,
  sets: Readonly<Record<string, readonly Bound[]>> = {},
): string[] {
  const rules = Object.entries(chains).map(([chain, list]): [string, Rule[]] => [
    chain,
    list.map((expressions, index) => ({ chain, handle: index + 1, expressions, comment: "" })),
  ]);
  const ruleset = { rules: new Map(rules), bounds: (set: string) => sets[set] };
  const { fallsThrough, ...others } = evaluateChain(ruleset, "base", packet);
  const decided = Object.entries(others).map(
    ([verdict, { chain, handle }]) => `${verdict} ${chain}:${handle}`,
  );
  return [...decided.toSorted(), ...(fallsThrough ? ["falls"] : [])];
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
  ["has the key", [{ key: paddedIfname("cni0").toHex(), isEnd: false }], ["drop base:1"]],
  ["has others", [{ key: paddedIfname("cni1").toHex(), isEnd: false }], ["falls"]],
  ["is empty", [], ["falls"]],
  ["cannot be told", undefined, ["drop base:1", "falls"]],
] as const)("evaluateChain() looks a set up when it %s", ([, bounds, wanted]) => {
  const sets = bounds === undefined ? {} : { names: bounds };
  expect(outcomes({ base: [[...inSet("names", [iifname]), drop]] }, PACKET, sets)).toEqual(wanted);
});
