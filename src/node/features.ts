/** What podwire can use of a kernel: each feature tried for real in a namespace that is gone afterwards. */

import { toCniError } from "../attachment/errors.ts";
import { ensureBridge } from "../link/bridge.ts";
import { ensureVlanFiltering, setPortVlansRequest, tagged } from "../link/bridge-vlan.ts";
import { getLink } from "../link/link.ts";
import { createMacvlan } from "../link/macvlan.ts";
import { createVethRequest, setUpRequest } from "../link/veth.ts";
import { ensureVlanLink } from "../link/vlan.ts";
import { isErrno } from "../linux/error.ts";
import { inNewNetns, NetnsHandle, OWN_NETNS } from "../linux/netns.ts";
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

const MAC = "02:00:00:00:00:01";
const MTU = 1500;
const BRIDGE = "probe";
const BRIDGE_SETTINGS = {
  ifname: BRIDGE,
  mtu: MTU,
  isPromiscuous: false,
  filtersVlans: false,
  snoopsMulticast: false,
};
const VETH = {
  host: { ifname: "probe0", mac: MAC },
  container: { ifname: "probe1", mac: "02:00:00:00:00:02" },
};
const RATE = { rate: 1_000_000 };

interface Probe {
  readonly host: RouteSocket;
  /** Descriptor of the namespace that all of it is in. */
  readonly netnsFd: number;
}

/** Each in the order in which a later one may need an earlier one. */
const FEATURES = {
  bridge: ({ host }: Probe) => ensureBridge(host, BRIDGE_SETTINGS, undefined),
  veth: ({ host, netnsFd }: Probe) => {
    const master = requireLink(host, BRIDGE).ifindex;
    host.request(createVethRequest({ ...VETH, netnsFd, mtu: MTU, master }));
    host.request(setUpRequest(VETH.host.ifname));
  },
  inetRules: () => makeTable(inetTable),
  bridgeRules: () => makeTable(bridgeTable),
  vlanFiltering: ({ host }: Probe) => {
    const bridge = requireLink(host, BRIDGE);
    ensureVlanFiltering(host, bridge);
    host.request(setPortVlansRequest(bridge.ifindex, [tagged(2)]));
  },
  tokenBucket: ({ host }: Probe) =>
    host.request(addBucketRequest(requireLink(host, VETH.host.ifname).ifindex, bucketOf(RATE))),
  ifb: ({ host }: Probe) => {
    host.requestAll(createIfbRequests({ ifname: "probe2", mac: MAC, ifalias: "", mtu: MTU }));
    const [from, to] = [VETH.host.ifname, "probe2"].map((ifname) => requireLink(host, ifname).ifindex);
    host.requestAll(redirectRequests(from ?? 0, to ?? 0));
  },
  uplinkClasses: ({ host }: Probe) =>
    ensureUplinkClass(host, {
      ifindex: requireLink(host, VETH.container.ifname).ifindex,
      mac: MAC,
      minMbps: 1,
      speedMbps: undefined,
    }),
  macvlan: ({ host, netnsFd }: Probe) => {
    const parent = requireLink(host, VETH.container.ifname).ifindex;
    const options = { ifname: "probe3", mac: MAC, ifalias: "", mtu: MTU, parent, netnsFd };
    createMacvlan({ host, container: host }, options);
  },
  vlan: ({ host }: Probe) => ensureVlanLink(host, { uplink: requireLink(host, VETH.host.ifname), vlan: 2 }),
} satisfies Readonly<Record<string, (probe: Probe) => unknown>>;

export type FeatureName = keyof typeof FEATURES;

/** Why each feature cannot be used; absent where it can. */
export type Lacks = Readonly<Partial<Record<FeatureName, string>>>;

/** @throws {SyscallError} EPERM: this process has not the rights */
export function probeFeatures(): Lacks {
  return inNewNetns(() => {
    using netns = NetnsHandle.open(OWN_NETNS);
    using host = NetlinkSocket.open(rtnetlink);
    const lacks: Partial<Record<FeatureName, string>> = {};
    for (const [name, attempt] of Object.entries(FEATURES) as [FeatureName, (probe: Probe) => unknown][]) {
      // `as`: the keys of FEATURES
      try {
        attempt({ host, netnsFd: netns.fd });
      } catch (error) {
        if (isErrno(error, "EPERM")) throw error;
        lacks[name] = toCniError(error).message;
      }
    }
    return lacks;
  });
}

/** All chains and sets of the table, so with every expression that podwire has a use for. */
function makeTable(table: TableDefinition): void {
  using socket = NetlinkSocket.open(netfilter);
  const refusal = socket.transact(tableRequests(table)).find((each) => each !== undefined);
  if (refusal !== undefined) throw new NetlinkError(refusal);
}

function requireLink(host: RouteSocket, ifname: string) {
  const link = getLink(host, ifname);
  if (link === undefined) throw new Error(`"${ifname}" could not be made`);
  return link;
}
