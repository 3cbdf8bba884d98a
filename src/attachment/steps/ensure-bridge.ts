/** The bridge that the pods of a network share: made by the first, never removed by any. */

import { ensureBridge as ensure } from "../../link/bridge.ts";
import { ensureSysctl } from "../../linux/sysctl.ts";
import type { Step } from "../step.ts";

export const ensureBridge: Step = {
  name: "ensureBridge",

  add({ plan, host, mtu, found }) {
    const { bridge: ifname, promiscMode } = plan.config;
    const existing = found.bridge;
    found.bridge = ensure(host, { ifname, mtu, isPromiscuous: promiscMode }, existing);
    // A bridge that routes for pods must not take its own routes from what a pod advertises.
    if (existing === undefined) ensureSysctl(`net/ipv6/conf/${ifname}/accept_ra`, "0");
  },

  check({ plan, prevResult, links: { bridge } }) {
    const { bridge: ifname, promiscMode } = plan.config;
    if (bridge === undefined) return [`bridge "${ifname}" does not exist`];
    if (bridge.kind !== "bridge") return [`interface "${ifname}" is no bridge`];
    const expected = prevResult.interfaces.find(
      (entry) => entry.name === ifname && entry.sandbox === undefined,
    )?.mac;
    return [
      ...(bridge.isUp ? [] : [`bridge "${ifname}" is down`]),
      ...(promiscMode && !bridge.isPromiscuous ? [`bridge "${ifname}" is not promiscuous`] : []),
      ...(expected === undefined || expected.toLowerCase() === bridge.mac
        ? []
        : [`bridge "${ifname}" has MAC ${bridge.mac}, was ${expected}`]),
    ];
  },
};
