/** The chain of destinations that pods reach under their own address. */

import { expect, test } from "vitest";
import { formatAddress } from "../../../../src/addr/address.ts";
import { type Prefix, parsePrefix } from "../../../../src/addr/prefix.ts";
import { masqueradeChain } from "../../../../src/nftables/features/masquerade.ts";

function prefixes(...texts: string[]): Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}

function intervalsOf(texts: readonly string[], family: 4 | 6): string[] {
  return masqueradeChain(prefixes(...texts)).nonMasqueraded[family].map(
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
])("masqueradeChain() keeps %j as %j", ([kept, intervals]) => {
  expect(intervalsOf(kept, 4)).toEqual(intervals);
});

test("masqueradeChain() keeps IPv6 networks apart from IPv4's", () => {
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
