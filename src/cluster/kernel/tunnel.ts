/** VXLAN interfaces: made, kept as they should be, and removed. */

import { type Address, sameAddress } from "../../addr/address.ts";
import { singlePrefix } from "../../addr/prefix.ts";
import { addAddressRequest, deleteAddressRequest, listAddresses } from "../../link/address.ts";
import { deleteLink, getLinkRequest, UP } from "../../link/link.ts";
import { noLinkLocalRequest, setAliasRequest } from "../../link/veth.ts";
import { isErrno } from "../../linux/error.ts";
import { MARK } from "../../linux/mark.ts";
import { NLM_F } from "../../netlink/codec/message.ts";
import type { ValueOf } from "../../netlink/codec/type.ts";
import { NetlinkError } from "../../netlink/error.ts";
import { IFF, linkMessage } from "../../netlink/route/link.ts";
import type { RouteRequest, RouteSocket } from "../../netlink/route/protocol.ts";
import type { Tunnel } from "../model/desired.ts";

type LinkMessage = ValueOf<typeof linkMessage>;

/** What marks an interface as ours. */
const ALIAS = `${MARK} cluster`;

/** A foreign interface has the tunnel's name. */
export class ForeignInterface extends Error {
  override readonly name = "ForeignInterface";
  constructor(ifname: string) {
    super(
      `interface "${ifname}" exists, and podwire did not make it: remove it (ip link delete ${ifname}) or rename it`,
    );
  }
}

/** A foreign interface has the tunnel's VNI and UDP port. */
export class TunnelTaken extends Error {
  override readonly name = "TunnelTaken";
  constructor({ vni, port }: Tunnel, cause: unknown) {
    super(
      `another interface has VNI ${vni} on UDP port ${port} (ip -d link show type vxlan): remove it, or give the cluster another "vxlan.vni" or "vxlan.port"`,
      { cause },
    );
  }
}

/** Makes the interface as it should be. @returns its ifindex @throws {ForeignInterface} {@link TunnelTaken} {@link NetlinkError} */
export function ensureTunnel(socket: RouteSocket, tunnel: Tunnel): number {
  const found = findTunnel(socket, tunnel.ifname);
  const isSame = found !== undefined && isSameTunnel(found, tunnel);
  if (found !== undefined && !isSame) deleteLink(socket, found.ifi_index ?? 0);
  if (!isSame) create(socket, tunnel);
  const present = isSame ? found : findTunnel(socket, tunnel.ifname);
  const ifindex = present?.ifi_index ?? 0;
  const changes = present === undefined ? [] : settings(present, tunnel);
  if (changes.length > 0) socket.requestAll(changes);
  keepAddresses(socket, ifindex, tunnel.addresses);
  return ifindex;
}

/** Removes the interface if it is ours. */
export function removeTunnel(socket: RouteSocket, ifname: string): boolean {
  const [found] = lookUp(socket, ifname);
  return found?.IFLA_IFALIAS === ALIAS && deleteLink(socket, found.ifi_index ?? 0);
}

/** The interface of that name if it is ours. @throws {ForeignInterface} it is not */
function findTunnel(socket: RouteSocket, ifname: string): LinkMessage | undefined {
  const [found] = lookUp(socket, ifname);
  if (found !== undefined && found.IFLA_IFALIAS !== ALIAS) throw new ForeignInterface(ifname);
  return found;
}

function lookUp(socket: RouteSocket, ifname: string): LinkMessage[] {
  const [outcome] = socket.exchange([getLinkRequest(ifname)]);
  const refusal = outcome?.refusal;
  if (refusal !== undefined && refusal.errno !== "ENODEV") throw new NetlinkError(refusal);
  return (outcome?.replies ?? []).map(({ payload }) => linkMessage.read(payload, {}));
}

function isSameTunnel(found: LinkMessage, { vni, port, local, lower }: Tunnel): boolean {
  const data = found.IFLA_LINKINFO?.IFLA_INFO_DATA ?? {};
  const end = data.IFLA_VXLAN_LOCAL ?? data.IFLA_VXLAN_LOCAL6;
  return (
    data.IFLA_VXLAN_ID === vni &&
    data.IFLA_VXLAN_PORT === port &&
    data.IFLA_VXLAN_LEARNING === 0 &&
    data.IFLA_VXLAN_LINK === lower &&
    end !== undefined &&
    sameAddress(end, local)
  );
}

/**
 * Like `ip link add NAME address MAC mtu MTU type vxlan id VNI local LOCAL dev LOWER dstport PORT nolearning`, then its mark,
 * before anything else can fail.
 */
function create(socket: RouteSocket, tunnel: Tunnel): void {
  const { ifname, mac, mtu, vni, port, local, lower } = tunnel;
  const data = {
    IFLA_VXLAN_ID: vni,
    IFLA_VXLAN_LINK: lower,
    ...(local.family === 4 ? { IFLA_VXLAN_LOCAL: local } : { IFLA_VXLAN_LOCAL6: local }),
    IFLA_VXLAN_LEARNING: 0,
    IFLA_VXLAN_PORT: port,
  };
  const kind = { IFLA_INFO_KIND: "vxlan", IFLA_INFO_DATA: data };
  const body = { IFLA_IFNAME: ifname, IFLA_ADDRESS: mac, IFLA_MTU: mtu, IFLA_LINKINFO: kind };
  try {
    socket.request({ message: "RTM_NEWLINK", flags: NLM_F.CREATE | NLM_F.EXCL, body });
  } catch (error) {
    throw isErrno(error, "EEXIST") ? new TunnelTaken(tunnel, error) : error;
  }
  socket.request(setAliasRequest(ifname, ALIAS));
  // What comes in goes on to pods. Its senders are looked for by no interface in particular (rp_filter 2): a node may know
  // another way back.
  const conf = { IPV4_DEVCONF_FORWARDING: 1, IPV4_DEVCONF_RP_FILTER: 2 };
  const families = { AF_INET: { IFLA_INET_CONF: conf } };
  socket.request({ message: "RTM_SETLINK", body: { IFLA_IFNAME: ifname, IFLA_AF_SPEC: families } });
  socket.exchange([noLinkLocalRequest(ifname)]); // refused where this kernel has no IPv6
}

/** What the interface needs to be as it should; it comes up last. */
function settings(found: LinkMessage, { ifname, mac, mtu }: Tunnel): RouteRequest[] {
  const body = { IFLA_IFNAME: ifname };
  const requests: RouteRequest[] = [];
  if (found.IFLA_ADDRESS !== mac)
    requests.push({ message: "RTM_SETLINK", body: { ...body, IFLA_ADDRESS: mac } });
  if (found.IFLA_MTU !== mtu) requests.push({ message: "RTM_SETLINK", body: { ...body, IFLA_MTU: mtu } });
  if (((found.ifi_flags ?? 0) & IFF.UP) === 0)
    requests.push({ message: "RTM_SETLINK", body: { ...UP, ...body } });
  return requests;
}

function keepAddresses(socket: RouteSocket, ifindex: number, wanted: readonly Address[]): void {
  const present = listAddresses(socket, ifindex).filter(({ isLinkLocal }) => !isLinkLocal);
  const has = (address: Address) => present.some(({ prefix }) => sameAddress(prefix.address, address));
  const isWanted = (address: Address) => wanted.some((one) => sameAddress(one, address));
  const missing = wanted.filter((address) => !has(address)).map(singlePrefix);
  const surplus = present.map(({ prefix }) => prefix).filter(({ address }) => !isWanted(address));
  if (missing.length + surplus.length === 0) return;
  socket.requestAll([
    ...missing.map((prefix) => addAddressRequest(ifindex, prefix, false)),
    ...surplus.map((prefix) => deleteAddressRequest(ifindex, prefix)),
  ]);
}
