/** Whether this kernel has what every pair with the node may need: tried in a namespace that ends with this call. */

import type { Shaping } from "../../../cni/netconf/shaping.ts";
import { NoVlanFiltering } from "../../../link/bridge-vlan.ts";
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
import type { AttachmentPlan, OwnPlan } from "../../plan/plan.ts";
import { toRecord } from "../../record/from-plan.ts";
import { wantedOf } from "../../rules/ruleset.ts";
import type { LinkRecord } from "../driver.ts";

/** Of what is made in the empty namespace. */
const IFNAME = "probe";
const IFB = { ifname: IFNAME, mac: "02:00:00:00:00:01", ifalias: "", mtu: 1500 };
const LOOPBACK = 1; // ifindex

/** What `probe` lacks in an empty network namespace, in which the process stays. */
export function probeIn({ trace }: Output, probe: (empty: RouteSocket) => string[]): string[] {
  try {
    enterNewNetns();
  } catch (error) {
    if (isErrno(error, "EPERM")) return ["the plugin lacks CAP_SYS_ADMIN"];
    throw error;
  }
  using empty = NetlinkSocket.open(rtnetlink, { trace });
  return probe(empty);
}

/** Nothing where the attempt succeeds. */
export function lack(feature: string, attempt: () => unknown): string[] {
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

/** Rules and rates. `link`: without the end on the host. */
export function probeTraffic(
  plan: AttachmentPlan<OwnPlan>,
  link: LinkRecord,
  { empty, trace }: { readonly empty: RouteSocket; readonly trace: Output["trace"] },
): string[] {
  return [
    ...lack("nf_tables (CONFIG_NF_TABLES and its NAT, FIB and conntrack expressions)", () =>
      probeRuleset(plan, link, trace),
    ),
    ...lack(
      "traffic control (CONFIG_NET_SCH_TBF, CONFIG_IFB, CONFIG_NET_ACT_MIRRED, CONFIG_NET_CLS_U32)",
      () => probeShaping(plan.shaping, empty),
    ),
  ];
}

/** The rules of a pod that has the networks which are not masqueraded as its addresses. */
function probeRuleset(plan: AttachmentPlan<OwnPlan>, link: LinkRecord, trace: Output["trace"]): void {
  const { traffic } = plan;
  if (traffic === undefined) return;
  const ips = (traffic.kept ?? []).map((address) => ({ address }));
  const wanted = wantedOf(
    toRecord(plan, {
      pod: undefined,
      netns: "",
      mtu: undefined,
      stdin: "",
      addressing: { ips, routes: [], dns: {} },
      link: { ...link, hostIfname: IFNAME },
      ifnames: [],
      createdAt: "",
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
