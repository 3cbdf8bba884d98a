/** Requests for hashed chains: each anonymous set has an id of its own in the transaction. */

import { expect, test } from "vitest";
import { FEATURES } from "../../../../src/nftables/features/list.ts";
import { masqueradeChain } from "../../../../src/nftables/features/masquerade.ts";
import { hashedChainRequests } from "../../../../src/nftables/tables/hashed-chain.ts";

// biome-ignore lint/suspicious/noExplicitAny: bodies of requests of several kinds
const bodyOf = ({ body }: { readonly body: object }) => body as any;

const requests = hashedChainRequests(masqueradeChain([]), 20);

test("hashedChainRequests() gives sets the ids of their positions when rules have sets", () => {
  const made = requests.filter(({ message }) => message === "NFT_MSG_NEWSET");
  expect(made.map((request) => bodyOf(request).NFTA_SET_ID)).toEqual([20, 21]);
});

test("hashedChainRequests() fills each set and looks it up by its id", () => {
  const filled = requests.filter(({ message }) => message === "NFT_MSG_NEWSETELEM");
  expect(filled.map((request) => bodyOf(request).NFTA_SET_ELEM_LIST_SET_ID)).toEqual([20, 21]);
  const looked = requests
    .filter(({ message }) => message === "NFT_MSG_NEWRULE")
    .map((request) => JSON.stringify(bodyOf(request)).match(/"NFTA_LOOKUP_SET_ID":(\d+)/)?.[1]);
  expect(looked).toEqual(["20", "21", undefined]);
});

test("the masquerade feature says how many rules its chains have", () => {
  const { name, rules } = masqueradeChain([]);
  const pattern = FEATURES.find(({ hashedChains }) => hashedChains !== undefined)?.hashedChains;
  expect([pattern?.ruleCount, name.startsWith(pattern?.prefix ?? "?")]).toEqual([rules.length, true]);
});
