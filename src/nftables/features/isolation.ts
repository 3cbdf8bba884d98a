/** Isolation: what bridges, pods of one bridge, and pods without a bridge take from each other. */

import { paddedIfname } from "../../netlink/netfilter/ifname.ts";
import { NF_INET } from "../../netlink/netfilter/nf-tables.ts";
import { iifname, oifname } from "../../netlink/netfilter/packet-field.ts";
import { drop, inSet, returns } from "../../netlink/netfilter/statement.ts";
import type { Element } from "../elements/element.ts";
import { KEY_TYPE, keyOf } from "../tables/key.ts";
import { type Feature, PRIORITY } from "./feature.ts";

export type IngressPolicy = "open" | "same-bridge" | "isolated";

export interface IsolationOptions {
  readonly ingressPolicy: IngressPolicy;
}

const { ifname } = KEY_TYPE;

export const isolation: Feature<IsolationOptions> = {
  table: "inet",
  sets: [
    // type ifname . ifname -- each ingress interface with itself: what is routed back to where it came from
    { name: "bridges", key: [ifname, ifname], isShared: true },
    // type ifname -- bridges that take nothing from each other
    { name: "guarded", key: [ifname], isShared: true },
    // type ifname . ifname -- bridges whose pods take nothing from each other
    { name: "isolated", key: [ifname, ifname], isShared: true },
  ],
  chains: [
    {
      name: "forward",
      hook: { type: "filter", hook: NF_INET.FORWARD, priority: PRIORITY.FILTER },
      rules: () => [
        // iifname . oifname @isolated drop
        [...inSet("isolated", [iifname, oifname]), drop],
        // iifname . oifname @bridges return
        [...inSet("bridges", [iifname, oifname]), returns],
        // iifname @guarded oifname @guarded drop
        [...inSet("guarded", [iifname]), ...inSet("guarded", [oifname]), drop],
      ],
    },
  ],
  /** An ingress interface that is the pod's alone is guarded like a bridge, and its elements go with the pod. */
  elementsOf({ bridge, hostIfname, ingressPolicy, owner }) {
    const { routedBack, guarded, isolated } = bridgeElements(bridge);
    const isPodsOwn = bridge === hostIfname;
    const elements = [
      routedBack,
      ...(ingressPolicy === "open" ? [] : [guarded]),
      ...(ingressPolicy === "isolated" && !isPodsOwn ? [isolated] : []),
    ];
    return isPodsOwn ? elements.map((element) => ({ ...element, owner })) : elements;
  },
};

/** Those of a bridge that a policy does not want. */
export function unwantedBridgeElements(bridge: string, policy: IngressPolicy): Element[] {
  const { guarded, isolated } = bridgeElements(bridge);
  return [...(policy === "open" ? [guarded] : []), ...(policy === "isolated" ? [] : [isolated])];
}

/** What the pods of a bridge share. */
function bridgeElements(bridge: string): Record<"routedBack" | "guarded" | "isolated", Element> {
  const name = paddedIfname(bridge);
  const shared = { table: "inet", owner: "" } as const;
  return {
    routedBack: { ...shared, set: "bridges", key: keyOf(name, name) },
    guarded: { ...shared, set: "guarded", key: name },
    isolated: { ...shared, set: "isolated", key: keyOf(name, name) },
  };
}
