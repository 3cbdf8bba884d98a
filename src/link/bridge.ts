/** Bridges that several attachments share: ensured, never owned. */

import { localMac } from "../addr/mac.ts";
import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { isErrno } from "../linux/error.ts";
import { readRandom } from "../linux/file.ts";
import { setSysctl } from "../linux/sysctl.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { IFF } from "../netlink/route/link.ts";
import type { RouteRequest, RouteSocket } from "../netlink/route/protocol.ts";
import { ensureVlanFiltering, NoVlanFiltering } from "./bridge-vlan.ts";
import { getLink, type Link, type LinkMessage, UP } from "./link.ts";

export interface BridgeSettings {
  readonly ifname: string;
  /** Bytes; given to a bridge that is made now, an existing one keeps its own. */
  readonly mtu: number;
  /** Turned on where wanted, never off: others may want it. */
  readonly isPromiscuous: boolean;
  /** Turned on where wanted, never off. */
  readonly filtersVlans: boolean;
  /** Whether a bridge that is made now learns who listens to which multicast group; an existing one keeps its own. */
  readonly snoopsMulticast: boolean;
}

/** The mark of a bridge that we made: its MAC address was chosen at its creation and stays. */
export const BRIDGE_ALIAS = "podwire bridge";

const ZERO_MAC = "00:00:00:00:00:00";

/** A name is taken by an interface that is no bridge. */
export class NotABridge extends PodwireError {
  override readonly name = "NotABridge";
  constructor(link: Link) {
    super(`interface "${link.ifname}" exists and is ${link.kind === "" ? "no bridge" : `a ${link.kind}`}`, {
      code: CNI_ERROR.alreadyExists,
      advice: "name another bridge in the configuration",
    });
  }
}

/**
 * Makes the bridge where it is missing and sets it up; `existing` is what a look-up of its name gave.
 *
 * Its MAC address is set explicitly, since the kernel otherwise takes that of the lowest port, and the
 * gateway's address in the pods' neighbour caches would change as pods come and go (br_stp_recalculate_bridge_id).
 * @throws {NotABridge} {@link NoVlanFiltering} {@link NetlinkError} EOPNOTSUPP: this kernel has no bridges
 */
export function ensureBridge(
  socket: RouteSocket,
  settings: BridgeSettings,
  existing: Link | undefined,
): Link {
  const link = existing ?? createBridge(socket, settings);
  if (link.kind !== "bridge") throw new NotABridge(link);
  const filter = settings.filtersVlans ? ensureVlanFiltering(socket, link) : link.filter;
  const changes = bridgeChanges(link, settings);
  if (changes !== undefined) {
    socket.request({ message: "RTM_SETLINK", body: { ...changes, ifi_index: link.ifindex } });
  }
  return { ...link, mac: changes?.IFLA_ADDRESS ?? link.mac, isUp: true, filter };
}

/** Creates the bridge, or finds the one that another process made at the same moment. */
function createBridge(socket: RouteSocket, settings: BridgeSettings): Link {
  const { ifname } = settings;
  try {
    socket.request(createBridgeRequest(settings));
    // A bridge that routes for pods must not take its own routes from what a pod advertises, and without its
    // link-local address, which detection would hold back for seconds, it cannot look for pods that it forwards to.
    setSysctl(`net/ipv6/conf/${ifname}/accept_ra`, "0");
    setSysctl(`net/ipv6/conf/${ifname}/accept_dad`, "0");
    socket.request({
      message: "RTM_SETLINK",
      body: { ...UP, IFLA_IFNAME: ifname, IFLA_IFALIAS: BRIDGE_ALIAS },
    });
  } catch (error) {
    if (settings.filtersVlans && isErrno(error, "EOPNOTSUPP"))
      throw new NoVlanFiltering(ifname, { cause: error });
    if (!isErrno(error, "EEXIST")) throw error;
  }
  const link = getLink(socket, ifname);
  if (link === undefined) throw new Error(`bridge "${ifname}" vanished right after it was made`);
  return link;
}

function createBridgeRequest({ ifname, mtu, filtersVlans, snoopsMulticast }: BridgeSettings): RouteRequest {
  const data = {
    ...(filtersVlans ? { IFLA_BR_VLAN_FILTERING: 1 } : {}),
    ...(snoopsMulticast ? {} : { IFLA_BR_MCAST_SNOOPING: 0 }),
  };
  return {
    message: "RTM_NEWLINK",
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: {
      IFLA_IFNAME: ifname,
      IFLA_MTU: mtu,
      IFLA_ADDRESS: randomMac(),
      IFLA_LINKINFO: { IFLA_INFO_KIND: "bridge", IFLA_INFO_DATA: data },
    },
  };
}

function bridgeChanges(link: Link, settings: BridgeSettings): LinkMessage | undefined {
  const mustPin = link.ifalias !== BRIDGE_ALIAS;
  const mustPromiscuous = settings.isPromiscuous && !link.isPromiscuous;
  if (link.isUp && !mustPin && !mustPromiscuous) return undefined;
  const flags = IFF.UP | (mustPromiscuous ? IFF.PROMISC : 0);
  const mac = link.mac === ZERO_MAC ? randomMac() : link.mac;
  return { ifi_flags: flags, ifi_change: flags, ...(mustPin ? { IFLA_ADDRESS: mac } : {}) };
}

/** Lets packets from and to 127.0.0.0/8 pass the bridge; like `sysctl net.ipv4.conf.IFNAME.route_localnet=1`. */
export function routeLocalnetRequest(ifname: string): RouteRequest {
  const conf = { IPV4_DEVCONF_ROUTE_LOCALNET: 1 };
  return {
    message: "RTM_SETLINK",
    body: { IFLA_IFNAME: ifname, IFLA_AF_SPEC: { AF_INET: { IFLA_INET_CONF: conf } } },
  };
}

function randomMac(): string {
  return localMac(new DataView(readRandom(8).buffer).getBigUint64(0));
}
