/** The chain of destinations that pods reach under their own address. */

import { expect, test } from "vitest";
import { formatAddress } from "../../../../src/addr/address.ts";
import { type Prefix, parsePrefix } from "../../../../src/addr/prefix.ts";
import { masqueradeChain, waysOf } from "../../../../src/nftables/features/masquerade.ts";
import { destinationsOf } from "../../../../src/nftables/tables/destinations.ts";

function prefixes(...texts: string[]): Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}

function intervalsOf(texts: readonly string[], family: 4 | 6): string[] {
  const ips = prefixes(family === 4 ? "fd09::2/64" : "10.9.0.2/16"); // a pod of the other family
  const pod = { owner: "", bridge: "cni0", ips, nonMasqueraded: prefixes(...texts) };
  return destinationsOf(waysOf(pod)[0]?.except ?? [])[family].map(
    ({ first, last }) =>
      `${formatAddress({ family, value: first })}-${formatAddress({ family, value: last })}`,
  );
}

const MULTICAST = "224.0.0.0-239.255.255.255";

test.for<[kept: string[], intervals: string[]]>([
  [[], [MULTICAST]],
  [["10.1.0.5/16"], ["10.1.0.0-10.1.255.255", MULTICAST]],
  [
    ["10.2.0.0/24", "10.1.0.0/24"],
    ["10.1.0.0-10.1.0.255", "10.2.0.0-10.2.0.255", MULTICAST],
  ],
  [
    ["10.1.0.0/16", "10.1.2.0/24"],
    ["10.1.0.0-10.1.255.255", MULTICAST],
  ],
  [
    ["10.1.2.0/24", "10.1.0.0/16"],
    ["10.1.0.0-10.1.255.255", MULTICAST],
  ],
  [
    ["10.1.0.0/24", "10.1.1.0/24"],
    ["10.1.0.0-10.1.1.255", MULTICAST],
  ],
  [["0.0.0.0/0"], ["0.0.0.0-255.255.255.255"]],
  [["224.0.0.0/3"], ["224.0.0.0-255.255.255.255"]],
  [["10.1.0.7/32"], ["10.1.0.7-10.1.0.7", MULTICAST]],
])("waysOf() keeps %j as %j", ([kept, intervals]) => {
  expect(intervalsOf(kept, 4)).toEqual(intervals);
});

test("waysOf() keeps IPv6 networks apart from IPv4's", () => {
  expect(intervalsOf(["fd00:1::/64", "10.1.0.0/16"], 6)).toEqual([
    "fd00:1::-fd00:1::ffff:ffff:ffff:ffff",
    "ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ]);
});

test("masqueradeChain() gives one name to the same destinations however they are written", () => {
  const { name } = masqueradeChain(prefixes("10.1.0.0/16", "10.2.0.0/16"));
  expect(masqueradeChain(prefixes("10.2.0.9/16", "10.1.0.0/16", "10.1.3.0/24")).name).toBe(name);
  expect(masqueradeChain(prefixes("10.1.0.0/16")).name).not.toBe(name);
  expect(name).toMatch(/^masquerade-[0-9a-f]{16}$/);
});

test("masqueradeChain() gives every choice of source ports a name of its own, and none the one of earlier versions", () => {
  const range = { first: 1024, last: 65535 };
  const choices = [
    undefined,
    { isRandom: true },
    { isRandom: false, range },
    { isRandom: true, range },
    { isRandom: true, range: { ...range, last: 60000 } },
  ];
  const kept = prefixes("10.1.0.0/16", "224.0.0.0/4", "ff00::/8");
  const names = choices.map((choice) => masqueradeChain(kept, choice).name);
  expect(new Set(names)).toHaveLength(5);
  expect(names[0]).toBe("masquerade-c291a2131e59f6f0");
  expect(masqueradeChain(kept, { isRandom: false }).name).toBe(names[0]);
});
