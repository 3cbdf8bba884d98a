/** What podwire can use of a kernel: each feature tried for real in a namespace that is gone afterwards. */

import { ensureBridge } from "../link/bridge.ts";
import { ensureVlanFiltering, setPortVlansRequest, tagged } from "../link/bridge-vlan.ts";
import { getLink, type Link } from "../link/link.ts";
import { createMacvlan } from "../link/macvlan.ts";
import { createVethRequest, setUpRequest } from "../link/veth.ts";
import { ensureVlanLink } from "../link/vlan.ts";
import { isErrno } from "../linux/error.ts";
import { inNewNetns, NetnsHandle, OWN_NETNS } from "../linux/netns.ts";
import type { Trace } from "../netlink/debug.ts";
import { NetlinkError } from "../netlink/error.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { TableDefinition } from "../nftables/tables/definition.ts";
import { tableRequests } from "../nftables/tables/requests.ts";
import { bridgeTable, inetTable } from "../nftables/tables/tables.ts";
import { createIfbRequests } from "../shaping/ifb.ts";
import { bucketOf } from "../shaping/rate.ts";
import { addBucketRequest, redirectRequests } from "../shaping/token-bucket.ts";
import { ensureUplinkClass } from "../shaping/uplink.ts";

interface KernelFeature {
  readonly title: string;
  /** Fields and options that ask for it; empty: every pod on a bridge does. */
  readonly askedFor: string;
  /** Where kernels are built without it, or its module is missing. */
  readonly config: string;
  readonly attempt: (probe: Probe) => unknown;
}

interface Probe {
  readonly host: RouteSocket;
  /** Descriptor of the namespace that all of it is in. */
  readonly netnsFd: number;
  readonly trace: Trace | undefined;
}

/** Each by itself: what an attempt needs beside its feature, it makes. */
export const KERNEL_FEATURES = {
  bridge: { title: "bridges", askedFor: "", config: "CONFIG_BRIDGE, module bridge", attempt: makeBridge },
  veth: { title: "veth pairs", askedFor: "", config: "CONFIG_VETH, module veth", attempt: makeVeth },
  inetRules: {
    title: "nf_tables with NAT",
    askedFor: "ipMasq, ingressPolicy, host ports",
    config:
      "CONFIG_NF_TABLES_INET, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_FIB_INET, CONFIG_NFT_CT, module nf_tables",
    attempt: (probe) => makeTable(inetTable, probe),
  },
  bridgeRules: {
    title: "nf_tables on bridges",
    askedFor: "macspoofchk, raGuard",
    config: "CONFIG_NF_TABLES_BRIDGE, module nf_tables",
    attempt: (probe) => makeTable(bridgeTable, probe),
  },
  vlanFiltering: {
    title: "VLAN filtering by bridges",
    askedFor: "vlan, vlanTrunk, networks with a VLAN on a bridge",
    config: "CONFIG_BRIDGE_VLAN_FILTERING",
    attempt: filterVlans,
  },
  tokenBucket: {
    title: "token buckets",
    askedFor: "ingressRate, egressRate, bandwidth",
    config: "CONFIG_NET_SCH_TBF, module sch_tbf",
    attempt: (probe) => probe.host.request(addBucketRequest(makeVeth(probe).ifindex, bucketOf(RATE))),
  },
  ifb: {
    title: "ifb devices",
    askedFor: "egressRate, bandwidth",
    config: "CONFIG_IFB, CONFIG_NET_ACT_MIRRED, CONFIG_NET_CLS_U32, modules ifb, act_mirred, cls_u32",
    attempt: redirect,
  },
  uplinkClasses: {
    title: "classes of rates",
    askedFor: "performance tiers of networks on an uplink",
    config: "CONFIG_NET_SCH_HTB, CONFIG_NET_CLS_U32, modules sch_htb, cls_u32",
    attempt: classify,
  },
  macvlan: {
    title: "macvlan interfaces",
    askedFor: "networks with --attach macvlan",
    config: "CONFIG_MACVLAN, module macvlan",
    attempt: makeMacvlan,
  },
  vlan: {
    title: "interfaces of VLANs",
    askedFor: "networks with a VLAN and --attach macvlan",
    config: "CONFIG_VLAN_8021Q, module 8021q",
    attempt: (probe) => ensureVlanLink(probe.host, { uplink: makeVeth(probe), vlan: 2 }),
  },
} as const satisfies Readonly<Record<string, KernelFeature>>;

export type FeatureName = keyof typeof KERNEL_FEATURES;

/** The kernel's refusal of each feature that cannot be used. */
export type Refusals = Readonly<Partial<Record<FeatureName, unknown>>>;

/** @throws {SyscallError} EPERM: this process has not the rights */
export function probeFeatures(names: Iterable<FeatureName>, trace?: Trace): Refusals {
  return inNewNetns(() => {
    using netns = NetnsHandle.open(OWN_NETNS);
    using host = NetlinkSocket.open(rtnetlink, { trace });
    const refusals: Partial<Record<FeatureName, unknown>> = {};
    for (const name of names) {
      try {
        KERNEL_FEATURES[name].attempt({ host, netnsFd: netns.fd, trace });
      } catch (error) {
        if (isErrno(error, "EPERM")) throw error;
        refusals[name] = error;
      }
    }
    return refusals;
  });
}

const MAC = "02:00:00:00:00:01";
const MTU = 1500;
const RATE = { rate: 1_000_000 };
const VETH = {
  host: { ifname: "probe0", mac: MAC },
  container: { ifname: "probe1", mac: "02:00:00:00:00:02" },
};
const BRIDGE = {
  ifname: "probe",
  mtu: MTU,
  isPromiscuous: false,
  filtersVlans: false,
  snoopsMulticast: false,
};
const IFB = { ifname: "probe2", mac: MAC, ifalias: "", mtu: MTU };

function makeBridge({ host }: Probe): Link {
  return ensureBridge(host, BRIDGE, getLink(host, BRIDGE.ifname));
}

/** One end of a pair, which is up. */
function makeVeth({ host, netnsFd }: Probe): Link {
  const existing = getLink(host, VETH.host.ifname);
  if (existing !== undefined) return existing;
  host.request(createVethRequest({ ...VETH, netnsFd, mtu: MTU }));
  host.request(setUpRequest(VETH.host.ifname));
  return requireLink(host, VETH.host.ifname);
}

/** All chains and sets of the table, so with every expression that podwire has a use for. */
function makeTable(table: TableDefinition, { trace }: Probe): void {
  using socket = NetlinkSocket.open(netfilter, { trace });
  const refusal = socket.transact(tableRequests(table)).find((each) => each !== undefined);
  if (refusal !== undefined) throw new NetlinkError(refusal);
}

function filterVlans(probe: Probe): void {
  const bridge = makeBridge(probe);
  ensureVlanFiltering(probe.host, bridge);
  probe.host.request(setPortVlansRequest(bridge.ifindex, [tagged(2)]));
}

function redirect(probe: Probe): void {
  probe.host.requestAll(createIfbRequests(IFB));
  const ifb = requireLink(probe.host, IFB.ifname);
  probe.host.requestAll(redirectRequests(makeVeth(probe).ifindex, ifb.ifindex));
}

function classify(probe: Probe): void {
  makeVeth(probe);
  const { ifindex } = requireLink(probe.host, VETH.container.ifname);
  ensureUplinkClass(probe.host, { ifindex, mac: MAC, minMbps: 1, speedMbps: undefined });
}

function makeMacvlan(probe: Probe): void {
  const { host, netnsFd } = probe;
  makeVeth(probe);
  const parent = requireLink(host, VETH.container.ifname).ifindex;
  const options = { ifname: "probe3", mac: MAC, ifalias: "", mtu: MTU, parent, netnsFd };
  createMacvlan({ host, container: host }, options);
}

function requireLink(host: RouteSocket, ifname: string): Link {
  const link = getLink(host, ifname);
  if (link === undefined) throw new Error(`"${ifname}" could not be made`);
  return link;
}
