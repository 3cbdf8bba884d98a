/** Whether this kernel has what a configuration needs: tried in a namespace that ends with this call. */

import type { BridgeConfig } from "../cni/netconf/bridge.ts";
import type { Request } from "../cni/request.ts";
import { ensureBridge, NotABridge } from "../link/bridge.ts";
import { ensureVlanFiltering, NoVlanFiltering, setPortVlansRequest, tagged } from "../link/bridge-vlan.ts";
import { getLink } from "../link/link.ts";
import { isErrno } from "../linux/error.ts";
import { enterNewNetns } from "../linux/netns.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { applyChange } from "../nftables/ruleset.ts";
import { createIfbRequests } from "../shaping/ifb.ts";
import { bucketOf } from "../shaping/rate.ts";
import { addBucketRequest, redirectRequests } from "../shaping/token-bucket.ts";
import type { Output } from "./output.ts";
import type { Addressing } from "./plan/ipam.ts";
import { planTraffic } from "./plan/traffic.ts";
import { wantedOf } from "./ruleset.ts";

/** What stands for the pod. */
const PROBE = { network: "probe", containerId: "probe", ifname: "eth0" };
const MAC = "02:00:00:00:00:01";
const IFB = { ifname: "probe", mac: MAC, ifalias: "", mtu: 1500 };
const LOOPBACK = 1; // ifindex

/** Each lack in words. */
export function checkKernel(
  request: Request,
  config: BridgeConfig,
  addressing: Addressing,
  { trace }: Output,
): string[] {
  using host = NetlinkSocket.open(rtnetlink, { trace });
  const existing = getLink(host, config.bridge);
  if (existing !== undefined && existing.kind !== "bridge") return [new NotABridge(existing).message];
  try {
    enterNewNetns();
  } catch (error) {
    if (isErrno(error, "EPERM")) return ["the plugin lacks CAP_SYS_ADMIN"];
    throw error;
  }
  using empty = NetlinkSocket.open(rtnetlink, { trace });
  const settings = { ifname: config.bridge, mtu: 1500, isPromiscuous: false, snoopsMulticast: false };
  const bridge = () => ensureBridge(empty, { ...settings, filtersVlans: false }, undefined);
  return [
    ...lack("bridge support (CONFIG_BRIDGE, module bridge)", bridge),
    ...lack("VLAN filtering by bridges (CONFIG_BRIDGE_VLAN_FILTERING; Linux 5.6 or later)", () =>
      probeVlans(config, empty),
    ),
    ...lack("nf_tables (CONFIG_NF_TABLES and its NAT, FIB and conntrack expressions)", () =>
      probeRuleset(request, config, addressing, trace),
    ),
    ...lack(
      "traffic control (CONFIG_NET_SCH_TBF, CONFIG_IFB, CONFIG_NET_ACT_MIRRED, CONFIG_NET_CLS_U32)",
      () => probeShaping(request, empty),
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

function probeVlans({ bridge, portVlans }: BridgeConfig, empty: RouteSocket): void {
  const link = portVlans === undefined ? undefined : getLink(empty, bridge);
  if (link === undefined) return;
  ensureVlanFiltering(empty, link);
  empty.request(setPortVlansRequest(link.ifindex, [tagged(1)]));
}

function probeRuleset(
  request: Request,
  config: BridgeConfig,
  addressing: Addressing,
  trace: Output["trace"],
): void {
  const traffic = planTraffic(request.netconf.traffic, addressing, MAC);
  if (traffic === undefined) return;
  const wanted = wantedOf({
    ...PROBE,
    kind: "bridge",
    netns: "",
    hostIfname: "probe",
    bridge: config.bridge,
    mtu: 0,
    addressing: { kind: "none" },
    ips: traffic.kept ?? [],
    traffic,
    createdAt: "",
  });
  using socket = NetlinkSocket.open(netfilter, { trace });
  if (wanted !== undefined) applyChange(socket, { ...wanted, removed: [] });
}

function probeShaping({ netconf }: Request, empty: RouteSocket): void {
  const { ingress, egress } = netconf.shaping ?? {};
  const rate = ingress ?? egress;
  if (rate !== undefined) empty.request(addBucketRequest(LOOPBACK, bucketOf(rate)));
  if (egress === undefined) return;
  empty.requestAll(createIfbRequests(IFB));
  const ifb = getLink(empty, IFB.ifname)?.ifindex ?? 0;
  empty.requestAll(redirectRequests(LOOPBACK, ifb));
}
