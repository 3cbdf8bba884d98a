/** Guards: senders of a pod's frames, and what bridges take from each other. */

import type { Element } from "./element.ts";
import { ifnamePart, keyOf, macPart } from "./key.ts";

export type IngressPolicy = "open" | "same-bridge" | "isolated";

/** `{ "veth…" }` and `{ "veth…" . MAC }` in the bridge table. */
export function spoofCheckElements(port: string, mac: string, owner: string): Element[] {
  return [
    { table: "bridge", set: "checked", key: ifnamePart(port), owner },
    { table: "bridge", set: "senders", key: keyOf(ifnamePart(port), macPart(mac)), owner },
  ];
}

/** What the attachments of a bridge share: kept as long as the bridge. */
export function bridgeElements(bridge: string, policy: IngressPolicy): Element[] {
  const all = allBridgeElements(bridge);
  return [
    all.routedBack,
    ...(policy === "open" ? [] : [all.guarded]),
    ...(policy === "isolated" ? [all.isolated] : []),
  ];
}

/** Those of a bridge that a policy does not want. */
export function unwantedBridgeElements(bridge: string, policy: IngressPolicy): Element[] {
  const all = allBridgeElements(bridge);
  return [...(policy === "open" ? [all.guarded] : []), ...(policy === "isolated" ? [] : [all.isolated])];
}

function allBridgeElements(bridge: string): Record<"routedBack" | "guarded" | "isolated", Element> {
  const name = ifnamePart(bridge);
  const shared = { table: "inet", owner: "" } as const;
  return {
    routedBack: { ...shared, set: "bridges", key: keyOf(name, name) },
    guarded: { ...shared, set: "guarded", key: name },
    isolated: { ...shared, set: "isolated", key: keyOf(name, name) },
  };
}
