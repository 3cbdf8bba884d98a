/** Requests for hashed chains: each anonymous set has an id of its own in the transaction. */

import { expect, test } from "vitest";
import { FEATURES, type PodTraffic } from "../../../../src/nftables/features/list.ts";
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

const RANGE = { first: 1024, last: 65535 };
const PORT = { protocol: "tcp", hostPort: 80, containerPort: 80 } as const;
const POD = {
  owner: "mynet/c1/eth0",
  bridge: "cni0",
  ips: [{ address: { family: 4, value: 0x0a_01_00_02n }, prefixLength: 16 }],
  ingressPolicy: "open",
  nonMasqueraded: [],
} as const;

test.for([
  ["plain", POD],
  ["ranged", { ...POD, sourcePorts: { isRandom: true, range: RANGE } }],
  ["guarded", { ...POD, dropsInvalid: true }],
  [
    "excepting",
    { ...POD, hostPorts: { mappings: [PORT], snat: true, masqAll: false, except: [POD.ips[0]] } },
  ],
] satisfies [string, PodTraffic][])(
  "chains of a %s pod have the name and the rules of one pattern",
  ([, pod]) => {
    const patterns = FEATURES.flatMap(({ hashedChains = [] }) => hashedChains);
    const chains = FEATURES.flatMap((feature) => feature.elementsOf(pod)).flatMap(
      ({ target }) => target ?? [],
    );
    expect(chains).not.toEqual([]);
    for (const { name, rules } of chains) {
      const found = patterns.filter(({ prefix }) => name.startsWith(prefix));
      expect(found.map(({ ruleCount }) => ruleCount)).toEqual([rules.length]);
    }
  },
);
