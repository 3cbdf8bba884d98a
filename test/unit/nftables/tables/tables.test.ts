/** The tables that the features make: what is in them, in which order, and what the kernel counts. */

import { expect, test } from "vitest";
import { bridgeTable, inetTable } from "../../../../src/nftables/tables/tables.ts";

test.for([
  [
    inetTable,
    ["localnet 1", "prerouting 1", "output 1", "hostports 12", "invalid 4", "forward 3", "postrouting 9"],
  ],
  [bridgeTable, ["prerouting 2"]],
] as const)(
  "chains stand in the order of their priorities with the uses that the kernel counts",
  ([table, wanted]) => {
    expect(table.chains.map(({ name, use }) => `${name} ${use}`)).toEqual(wanted);
  },
);

test("sets stand in the order that tables of nodes have them in", () => {
  expect([...inetTable.sets, ...bridgeTable.sets].map(({ name }) => name)).toEqual([
    "masquerade_ip",
    "masquerade_ip6",
    "invalid_ip",
    "invalid_ip6",
    "hostports_ip",
    "hostports_ip6",
    "hostports_at_ip",
    "hostports_at_ip6",
    "hostports_except_ip",
    "hostports_except_ip6",
    "hairpin_ip",
    "hairpin_ip6",
    "masquerade_all_ip",
    "masquerade_all_ip6",
    "bridges",
    "guarded",
    "isolated",
    "cluster_ip",
    "cluster_kept_ip",
    "cluster_ip6",
    "cluster_kept_ip6",
    "checked",
    "senders",
  ]);
});

test("rules of each chain look only into sets of their own table", () => {
  for (const { sets, chains } of [inetTable, bridgeTable]) {
    const names = sets.map(({ name }) => name);
    const looked = chains.flatMap(({ rules }) =>
      rules().flatMap((rule) => rule.flatMap(({ NFTA_EXPR_DATA: data }) => data?.NFTA_LOOKUP_SET ?? [])),
    );
    expect(looked.length).toBeGreaterThan(1);
    expect(names).toEqual(expect.arrayContaining(looked));
  }
});

test("chain postrouting masquerades by verdict map behind the rules of host ports, family by family", () => {
  const rules = inetTable.chains.find(({ name }) => name === "postrouting")?.rules() ?? [];
  const lookups = rules.flatMap((rule) =>
    rule.flatMap(({ NFTA_EXPR_DATA: data }) => data?.NFTA_LOOKUP_SET ?? []),
  );
  expect(lookups).toEqual([
    "bridges",
    "hairpin_ip",
    "masquerade_all_ip",
    "cluster_ip",
    "cluster_kept_ip",
    "masquerade_ip",
    "hairpin_ip6",
    "masquerade_all_ip6",
    "cluster_ip6",
    "cluster_kept_ip6",
    "masquerade_ip6",
  ]);
});
