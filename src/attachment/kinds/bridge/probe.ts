/** Whether this kernel has what a configuration needs: tried in a namespace that ends with this call. */

import type { Shaping } from "../../../cni/netconf/shaping.ts";
import { ensureBridge, NotABridge } from "../../../link/bridge.ts";
import {
  ensureVlanFiltering,
  NoVlanFiltering,
  setPortVlansRequest,
  tagged,
} from "../../../link/bridge-vlan.ts";
import { getLink } from "../../../link/link.ts";
import { isErrno } from "../../../linux/error.ts";
import { enterNewNetns } from "../../../linux/netns.ts";
import { netfilter } from "../../../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../../netlink/socket.ts";
import { applyChange } from "../../../nftables/apply.ts";
import { createIfbRequests } from "../../../shaping/ifb.ts";
import { bucketOf } from "../../../shaping/rate.ts";
import { addBucketRequest, redirectRequests } from "../../../shaping/token-bucket.ts";
import type { Output } from "../../output.ts";
import type { AttachmentPlan, BridgePlan } from "../../plan/plan.ts";
import { toRecord } from "../../record/from-plan.ts";
import { wantedOf } from "../../rules/ruleset.ts";

/** Of what is made in the empty namespace. */
const IFNAME = "probe";
const IFB = { ifname: IFNAME, mac: "02:00:00:00:00:01", ifalias: "", mtu: 1500 };
const LOOPBACK = 1; // ifindex

/** Each lack in words; the process stays in an empty network namespace. */
export function checkKernel(
  plan: AttachmentPlan<BridgePlan>,
  host: RouteSocket,
  { trace }: Output,
): string[] {
  const { bridge: ifname } = plan.link;
  const existing = getLink(host, ifname);
  if (existing !== undefined && existing.kind !== "bridge") return [new NotABridge(existing).message];
  try {
    enterNewNetns();
  } catch (error) {
    if (isErrno(error, "EPERM")) return ["the plugin lacks CAP_SYS_ADMIN"];
    throw error;
  }
  using empty = NetlinkSocket.open(rtnetlink, { trace });
  const settings = { ifname, mtu: 1500, isPromiscuous: false, snoopsMulticast: false };
  const bridge = () => ensureBridge(empty, { ...settings, filtersVlans: false }, undefined);
  return [
    ...lack("bridge support (CONFIG_BRIDGE, module bridge)", bridge),
    ...lack("VLAN filtering by bridges (CONFIG_BRIDGE_VLAN_FILTERING; Linux 5.6 or later)", () =>
      probeVlans(plan.link, empty),
    ),
    ...lack("nf_tables (CONFIG_NF_TABLES and its NAT, FIB and conntrack expressions)", () =>
      probeRuleset(plan, trace),
    ),
    ...lack(
      "traffic control (CONFIG_NET_SCH_TBF, CONFIG_IFB, CONFIG_NET_ACT_MIRRED, CONFIG_NET_CLS_U32)",
      () => probeShaping(plan.shaping, empty),
    ),
  ];
}

function lack(feature: string, attempt: () => unknown): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (isErrno(error, "EPERM")) return ["the plugin lacks CAP_NET_ADMIN"];
    if (error instanceof NoVlanFiltering) return [`this kernel has no ${feature}`];
    if (isErrno(error, "EOPNOTSUPP", "EINVAL", "ENOENT", "EPROTONOSUPPORT", "EAFNOSUPPORT"))
      return [`this kernel has no ${feature}: ${String(error)}`];
    throw error;
  }
}

function probeVlans({ bridge, portVlans }: BridgePlan, empty: RouteSocket): void {
  const link = portVlans === undefined ? undefined : getLink(empty, bridge);
  if (link === undefined) return;
  ensureVlanFiltering(empty, link);
  empty.request(setPortVlansRequest(link.ifindex, [tagged(1)]));
}

/** The rules of a pod that has the networks which are not masqueraded as its addresses. */
function probeRuleset(plan: AttachmentPlan<BridgePlan>, trace: Output["trace"]): void {
  const { traffic, link } = plan;
  if (traffic === undefined) return;
  const ips = (traffic.kept ?? []).map((address) => ({ address }));
  const wanted = wantedOf(
    toRecord(plan, {
      pod: undefined,
      netns: "",
      mtu: undefined,
      stdin: "",
      addressing: { ips, routes: [], dns: {} },
      link: { kind: "bridge", hostIfname: IFNAME, bridge: link.bridge },
      ifnames: [],
    }),
  );
  using socket = NetlinkSocket.open(netfilter, { trace });
  if (wanted !== undefined) applyChange(socket, { ...wanted, removed: [] });
}

function probeShaping({ ingress, egress }: Shaping = {}, empty: RouteSocket): void {
  const rate = ingress ?? egress;
  if (rate !== undefined) empty.request(addBucketRequest(LOOPBACK, bucketOf(rate)));
  if (egress === undefined) return;
  empty.requestAll(createIfbRequests(IFB));
  const ifb = getLink(empty, IFB.ifname)?.ifindex ?? 0;
  empty.requestAll(redirectRequests(LOOPBACK, ifb));
}
