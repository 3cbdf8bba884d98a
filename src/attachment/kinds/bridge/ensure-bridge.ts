/** The bridge that the pods of a network share: made by the first, never removed by any. */

import { ensureBridge as ensure } from "../../../link/bridge.ts";
import type { Link } from "../../../link/link.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import type { AddContext, CheckContext } from "../../steps/step.ts";
import type { BridgeFound } from "./prepare.ts";

export const ensureBridge = {
  name: "ensureBridge",

  add({ plan, host }: AddContext<BridgePlan>, { bridge, mtu }: BridgeFound): Link {
    const { bridge: ifname, promiscMode, portVlans, uplink } = plan.link;
    const settings = {
      ifname,
      mtu,
      isPromiscuous: promiscMode,
      filtersVlans: portVlans !== undefined,
      // Of use only where a router asks for the groups; else frames go to all ports all the same, and the bridge sets
      // timers for every port whenever one comes or goes.
      snoopsMulticast: uplink !== undefined,
    };
    return ensure(host, settings, bridge);
  },

  check({ wanted, prevResult, links: { bridge } }: CheckContext): string[] {
    const ifname = wanted.bridge ?? "";
    const { promiscMode = false, portVlans } = wanted.interface ?? {};
    if (bridge === undefined) return [`bridge "${ifname}" does not exist`];
    if (bridge.kind !== "bridge") return [`interface "${ifname}" is no bridge`];
    const expected = prevResult.interfaces.find(
      (entry) => entry.name === ifname && entry.sandbox === undefined,
    )?.mac;
    return [
      ...(bridge.isUp ? [] : [`bridge "${ifname}" is down`]),
      ...(promiscMode && !bridge.isPromiscuous ? [`bridge "${ifname}" is not promiscuous`] : []),
      ...(portVlans === undefined || bridge.filter?.isOn === true
        ? []
        : [`bridge "${ifname}" does not filter VLANs`]),
      ...(expected === undefined || expected.toLowerCase() === bridge.mac
        ? []
        : [`bridge "${ifname}" has MAC ${bridge.mac}, was ${expected}`]),
    ];
  },
};
