/**
 * The cluster: its pods see each other's own addresses, on whichever node they are. The agent keeps the sets; no pod has
 * elements of its own in them.
 */

import type { Family } from "../../addr/address.ts";
import { SET_FLAG } from "../../netlink/netfilter/nf-tables.ts";
import { daddr, saddr } from "../../netlink/netfilter/packet-field.ts";
import { inSet, isFamily, returns } from "../../netlink/netfilter/statement.ts";
import type { RuleDefinition } from "../tables/definition.ts";
import { KEY_TYPE } from "../tables/key.ts";
import { type Feature, POSTROUTING } from "./feature.ts";

const flags = SET_FLAG.INTERVAL;

/** Networks of pods, and destinations that see their addresses: these networks, and some beside them. */
export const CLUSTER_SETS = {
  4: { pods: "cluster_ip", seesPods: "cluster_kept_ip" },
  6: { pods: "cluster_ip6", seesPods: "cluster_kept_ip6" },
} as const;

export const cluster: Feature = {
  table: "inet",
  sets: [
    // type ipv4_addr; flags interval
    { name: CLUSTER_SETS[4].pods, key: [KEY_TYPE.ipv4_addr], flags },
    { name: CLUSTER_SETS[4].seesPods, key: [KEY_TYPE.ipv4_addr], flags },
    { name: CLUSTER_SETS[6].pods, key: [KEY_TYPE.ipv6_addr], flags },
    { name: CLUSTER_SETS[6].seesPods, key: [KEY_TYPE.ipv6_addr], flags },
  ],
  chains: [
    { name: "invalid", familyRules: (family) => [withinCluster(family)] },
    { ...POSTROUTING, familyRules: (family) => [withinCluster(family)] },
  ],
  elementsOf: () => [],
};

/** `ip saddr @cluster_ip ip daddr @cluster_kept_ip return`. */
function withinCluster(family: Family): RuleDefinition {
  const { pods, seesPods } = CLUSTER_SETS[family];
  return [...isFamily(family), ...inSet(pods, [saddr(family)]), ...inSet(seesPods, [daddr(family)]), returns];
}
