/** vlan interfaces: the traffic of one VLAN of an interface, without its tag; shared by attachments, never owned. */

import { IFNAME_BYTES } from "../addr/ifname.ts";
import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { fingerprintOf } from "../linux/fingerprint.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { NetlinkError, type Refusal } from "../netlink/error.ts";
import { ETH_P_8021Q } from "../netlink/route/if-ether.ts";
import type { RouteRequest, RouteSocket } from "../netlink/route/protocol.ts";
import { deleteLink, getLink, type Link, listLinks, UP } from "./link.ts";

export interface VlanOptions {
  readonly uplink: Link;
  /** 1 to 4094. */
  readonly vlan: number;
  /** Bytes, of one that is made now; absent: the uplink's. */
  readonly mtu?: number | undefined;
}

/** The mark of a vlan interface that we made. */
export const VLAN_ALIAS = "podwire vlan";

/** The name that a VLAN's interface should have is taken by another one. */
export class NotThisVlan extends PodwireError {
  override readonly name = "NotThisVlan";
  constructor(link: Link, { uplink, vlan }: VlanOptions) {
    super(`interface "${link.ifname}" exists and is not VLAN ${vlan} of "${uplink.ifname}"`, {
      code: CNI_ERROR.alreadyExists,
      advice: "remove or rename that interface",
    });
  }
}

/** An interface that carries others is down, so that they cannot be set up. */
export class UplinkDown extends PodwireError {
  override readonly name = "UplinkDown";
  constructor(uplink: Link) {
    super(`interface "${uplink.ifname}" is down`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "ip link set dev UPLINK up",
    });
  }
}

/** `eth1.120`; where that is too long, with a hash in place of the interface's name. */
export function vlanIfnameOf(ifname: string, vlan: number): string {
  const suffix = `.${vlan}`;
  if (new TextEncoder().encode(ifname).length + suffix.length <= IFNAME_BYTES) return `${ifname}${suffix}`;
  const hash = fingerprintOf(ifname);
  return `v${hash.slice(0, IFNAME_BYTES - 1 - suffix.length)}${suffix}`;
}

/**
 * The interface of a VLAN, up, made where it is missing; like `ip link add link UPLINK name UPLINK.VLAN type vlan id VLAN`.
 *
 * An existing one of the same uplink for the same VLAN serves as well, whatever its name.
 * @throws {UplinkDown} {@link NotThisVlan} {@link NetlinkError} EOPNOTSUPP: this kernel has no vlan interfaces
 */
export function ensureVlanLink(socket: RouteSocket, options: VlanOptions): Link {
  if (!options.uplink.isUp) throw new UplinkDown(options.uplink);
  const ifname = vlanIfnameOf(options.uplink.ifname, options.vlan);
  const link = getLink(socket, ifname) ?? createVlanLink(socket, ifname, options);
  if (!isVlanOf(link, options)) throw new NotThisVlan(link, options);
  if (!link.isUp) socket.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index: link.ifindex } });
  return { ...link, isUp: true };
}

/** Removes the interface of a VLAN where it is ours; false where it is not, or is gone. Like `ip link delete`. */
export function removeVlanLink(socket: RouteSocket, ifname: string): boolean {
  const link = getLink(socket, ifname);
  return link?.ifalias === VLAN_ALIAS && link.tag !== undefined && deleteLink(socket, link.ifindex);
}

/** Creates the interface, or finds an existing one of the same VLAN. */
function createVlanLink(socket: RouteSocket, ifname: string, options: VlanOptions): Link {
  // In one go, so that no kill leaves an interface without its mark.
  const mark: RouteRequest = {
    message: "RTM_SETLINK",
    body: { ...UP, IFLA_IFNAME: ifname, IFLA_IFALIAS: VLAN_ALIAS },
  };
  const [created, marked] = socket.exchange([createVlanRequest(ifname, options), mark]);
  const refusal = created?.refusal ?? marked?.refusal;
  const link = getLink(socket, ifname) ?? listLinks(socket).find((other) => isVlanOf(other, options));
  if (link === undefined || isRefused(refusal)) throw new NetlinkError(refusal ?? VANISHED);
  return link;
}

/** EEXIST: made by another process meanwhile, or one of the same VLAN has another name. */
function isRefused(refusal: Refusal | undefined): boolean {
  return refusal !== undefined && refusal.errno !== "EEXIST";
}

const VANISHED: Refusal = { request: "RTM_GETLINK", errno: "ENODEV", extAck: "", attribute: "" };

function createVlanRequest(ifname: string, { uplink, vlan, mtu }: VlanOptions): RouteRequest {
  const data = { IFLA_VLAN_ID: vlan, IFLA_VLAN_PROTOCOL: ETH_P_8021Q };
  return {
    message: "RTM_NEWLINK",
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: {
      IFLA_IFNAME: ifname,
      IFLA_LINK: uplink.ifindex,
      ...(mtu === undefined ? {} : { IFLA_MTU: mtu }),
      IFLA_LINKINFO: { IFLA_INFO_KIND: "vlan", IFLA_INFO_DATA: data },
    },
  };
}

function isVlanOf(link: Link, { uplink, vlan }: VlanOptions): boolean {
  return link.peer === uplink.ifindex && link.tag?.vlan === vlan && link.tag.protocol === ETH_P_8021Q;
}
