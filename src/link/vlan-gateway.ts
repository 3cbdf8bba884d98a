/** The node's own interface in a VLAN of a bridge: a veth pair, one end a port in that VLAN, the other the node's. */

import { IFNAME_BYTES } from "../addr/ifname.ts";
import { localMac } from "../addr/mac.ts";
import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { ignoringErrno } from "../linux/error.ts";
import { fingerprintOf } from "../linux/fingerprint.ts";
import { xxHash64 } from "../linux/native.ts";
import { setSysctl } from "../linux/sysctl.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import type { RouteRequest, RouteSocket } from "../netlink/route/protocol.ts";
import { portError } from "./bridge-port.ts";
import { access, deletePortVlansRequest, listPortVlans, setPortVlansRequest, tagged } from "./bridge-vlan.ts";
import { getLink, getLinkByIndex, type Link } from "./link.ts";
import { noLinkLocalRequest, setAliasRequest, setUpRequest } from "./veth.ts";
import { vlanIfnameOf } from "./vlan.ts";

export interface VlanGateway {
  /** It filters VLANs. */
  readonly bridge: Link;
  readonly vlan: number;
  /** Bytes, of one that is made now. */
  readonly mtu: number;
}

/** The mark of the node's end of a pair that we made. */
export const GATEWAY_ALIAS = "podwire gateway";

/** The name of a VLAN's gateway is taken by something else. */
export class NotAGateway extends PodwireError {
  override readonly name = "NotAGateway";
  constructor(ifname: string, { bridge, vlan }: VlanGateway) {
    super(`interface "${ifname}" exists and does not lead to VLAN ${vlan} of bridge "${bridge.ifname}"`, {
      code: CNI_ERROR.alreadyExists,
      advice: "remove or rename that interface",
    });
  }
}

/**
 * The node's interface in a VLAN of a bridge, up, made where it is missing; like
 *
 *     ip link add PORT master BRIDGE type veth peer name BRIDGE.VLAN
 *     bridge vlan add dev PORT vid VLAN pvid untagged; ip link set PORT up; ip link set BRIDGE.VLAN up
 *
 * One of the name that another plugin made for the same VLAN serves as well. The caller sees to it that nobody else
 * makes or removes one meanwhile.
 * @throws {NotAGateway}
 */
export function ensureVlanGateway(socket: RouteSocket, gateway: VlanGateway): Link {
  const ifname = vlanIfnameOf(gateway.bridge.ifname, gateway.vlan);
  const link = getLink(socket, ifname) ?? createPair(socket, ifname, gateway);
  const port = findPort(socket, link);
  if (port?.master !== gateway.bridge.ifindex) throw new NotAGateway(ifname, gateway);
  if (link.isUp && port.isUp && vlanOf(socket, port) === gateway.vlan) return link;
  if (link.ifalias !== GATEWAY_ALIAS) throw new NotAGateway(ifname, gateway);
  setUp(socket, { link, port }, gateway);
  return { ...link, isUp: true };
}

/** The port of a gateway on its bridge; undefined where the interface is no end of a pair in this namespace. */
export function findPort(socket: RouteSocket, link: Link): Link | undefined {
  if (link.kind !== "veth") return undefined;
  const peer = ignoringErrno(() => getLinkByIndex(socket, link.peer), undefined, "ENODEV");
  return peer?.kind === "veth" && peer.peer === link.ifindex ? peer : undefined;
}

/** The VLAN that is behind a port without a tag; undefined where there is none. */
export function vlanOf(socket: RouteSocket, port: Link): number | undefined {
  return listPortVlans(socket, port.ifindex).find(({ isPvid, isUntagged }) => isPvid && isUntagged)?.first;
}

/** Both ends down, in one go with the mark, so that no kill leaves a pair without it. */
function createPair(socket: RouteSocket, ifname: string, { bridge, vlan, mtu }: VlanGateway): Link {
  const hash = fingerprintOf(ifname);
  const port = `g${hash}`.slice(0, IFNAME_BYTES);
  const pair = { IFLA_IFNAME: ifname, IFLA_MTU: mtu, IFLA_ADDRESS: macOf(bridge, vlan) };
  const create: RouteRequest = {
    message: "RTM_NEWLINK",
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: {
      IFLA_IFNAME: port,
      IFLA_MTU: mtu,
      IFLA_MASTER: bridge.ifindex,
      IFLA_LINKINFO: { IFLA_INFO_KIND: "veth", IFLA_INFO_DATA: { VETH_INFO_PEER: pair } },
    },
  };
  const [created, marked] = socket.exchange([
    create,
    setAliasRequest(ifname, GATEWAY_ALIAS),
    noLinkLocalRequest(port), // refused where there is no IPv6, and then not needed
  ]);
  const refusal = created?.refusal ?? marked?.refusal;
  if (refusal !== undefined) throw portError(refusal, bridge.ifname);
  const link = getLink(socket, ifname);
  if (link === undefined) throw new Error(`interface "${ifname}" vanished right after it was made`);
  return link;
}

/** The same one at each time, so that pods need not learn it anew. */
function macOf({ mac }: Link, vlan: number): string {
  return localMac(xxHash64(`${mac}.${vlan}`, 0n));
}

function setUp(socket: RouteSocket, ends: { link: Link; port: Link }, { bridge, vlan }: VlanGateway): void {
  const { link, port } = ends;
  const defaultPvid = bridge.filter?.defaultPvid ?? 0;
  const leavesDefault = defaultPvid !== 0 && defaultPvid !== vlan;
  // As on a bridge that is a gateway: no routes from what a pod advertises, no wait for a link-local address.
  setSysctl(`net/ipv6/conf/${link.ifname}/accept_ra`, "0");
  setSysctl(`net/ipv6/conf/${link.ifname}/accept_dad`, "0");
  socket.requestAll([
    setPortVlansRequest(port.ifindex, [access(vlan)]),
    ...(leavesDefault ? [deletePortVlansRequest(port.ifindex, [tagged(defaultPvid)])] : []),
    setUpRequest(port.ifname),
    setUpRequest(link.ifname),
  ]);
}
