/** The veth pair between the node and the pod, its node end a port of a bridge or by itself. */

import { portError } from "../../../link/bridge-port.ts";
import { deleteLink, deleteLinks, getLink, getLinkRequest, type Link, toLink } from "../../../link/link.ts";
import {
  createVethRequest,
  noLinkLocalRequest,
  setAliasRequest,
  setPortRequest,
} from "../../../link/veth.ts";
import { RA_GUARD_GROUP } from "../../../linux/mark.ts";
import type { RouteRequest, RouteSocket } from "../../../netlink/route/protocol.ts";
import { aliasOf } from "../../attachment.ts";
import { openContainerIfAny } from "../../in-container.ts";
import type { OwnPlan } from "../../plan/plan.ts";
import type { AttachmentRecord } from "../../record/record.ts";
import { containerEnd, differencesOf, printedOf } from "../../steps/differences.ts";
import type { AddContext, CheckContext, ContainerLink, RemovalContext } from "../../steps/step.ts";
import { findOwnLinks } from "./own-links.ts";
import { isReferencePluginVeth } from "./reference-veth.ts";

/** Both ends, each as its own namespace has it. */
export interface VethPair {
  readonly host: Link;
  readonly container: ContainerLink;
}

/** What the pair is made with. */
interface VethWish {
  /** Bytes. */
  readonly mtu: number;
  /** How the node's end is a port of a bridge; absent: it is none. */
  readonly port?: BridgePort;
}

export interface BridgePort {
  readonly bridge: Link;
  readonly isHairpin: boolean;
  readonly isIsolated: boolean;
  /** Its group; absent: the kernel's default one. */
  readonly group?: number;
}

export const createVeth = {
  name: "createVeth",

  add(context: AddContext<OwnPlan>, wish: VethWish): VethPair {
    const { plan, host: socket } = context;
    const requests = vethRequests(context, wish);
    const outcomes = socket.exchange([...requests, getLinkRequest(plan.link.hostIfname)]);
    for (const { refusal } of outcomes) {
      if (refusal !== undefined && refusal.errno !== "EAFNOSUPPORT")
        throw portError(refusal, wish.port?.bridge.ifname ?? "");
    }
    const [message] = socket.decode(outcomes[outcomes.length - 1]?.replies ?? [], "RTM_NEWLINK");
    const host = toLink(message ?? {});
    return { host, container: { ifindex: host.peer, mac: plan.link.containerMac, mtu: wish.mtu } };
  },

  check(context: CheckContext): string[] {
    const { host, container } = context.links;
    if (container === undefined)
      return [`interface "${context.wanted.ifname}" does not exist in the container`];
    if (host === undefined) return ["the veth end on the host does not exist"];
    return [...checkHostEnd(host, container, context), ...checkContainerEnd(container, context)];
  },

  /** With the ifb device, where there is one: the kernel waits once for both. */
  del(removal: RemovalContext): void {
    const { host, ifb } = findOwnLinks(removal);
    const own = [host, ifb].filter((link) => link !== undefined);
    deleteLinks(
      removal.host,
      own.map((link) => link.ifindex),
    );
    // Its end on the host was renamed, or another plugin made the pair under a name of its own.
    if (host === undefined) deleteInContainer(removal);
  },
};

function vethRequests({ plan, netns }: AddContext<OwnPlan>, { mtu, port }: VethWish): RouteRequest[] {
  const pair = createVethRequest({
    host: { ifname: plan.link.hostIfname, mac: plan.link.hostMac },
    container: { ifname: plan.attachment.ifname, mac: plan.link.containerMac },
    netnsFd: netns.fd,
    mtu,
    ...(port === undefined ? {} : { master: port.bridge.ifindex }),
    ...(port?.group === undefined ? {} : { group: port.group }),
  });
  // A new port has both off.
  return [
    pair,
    setAliasRequest(plan.link.hostIfname, plan.alias),
    noLinkLocalRequest(plan.link.hostIfname),
    ...(port?.isHairpin || port?.isIsolated ? [setPortRequest(plan.link.hostIfname, port)] : []),
  ];
}

function deleteInContainer(removal: RemovalContext): void {
  using container = openContainerIfAny(removal);
  const link = container && getLink(container, removal.attachment.ifname);
  if (container === undefined || link === undefined) return;
  if (isOwn(link, container, removal)) deleteLink(container, link.ifindex);
}

function isOwn(link: Link, container: RouteSocket, removal: RemovalContext): boolean {
  return link.ifalias === aliasOf(removal.attachment) || isReferencePluginVeth(link, container, removal);
}

function checkHostEnd(host: Link, container: Link, context: CheckContext): string[] {
  return [
    ...differencesOf(`interface "${host.ifname}"`, [
      [host.kind === "veth", "is no veth"],
      [host.isUp, "is down"],
      [host.peer === container.ifindex, `is not the other end of "${container.ifname}"`],
      [host.mtu === container.mtu, `has MTU ${host.mtu}, the container's end ${container.mtu}`],
      [context.wanted.bridge !== undefined || host.master === 0, "is a port of a bridge"],
    ]),
    ...(context.wanted.bridge === undefined ? [] : checkPort(host, context)),
  ];
}

function checkPort(host: Link, { wanted, record, links: { bridge } }: CheckContext): string[] {
  // A record of an earlier version does not tell: then what is there counts.
  const hairpinMode = wanted.interface === undefined ? host.isHairpin : wanted.interface.hairpinMode === true;
  const portIsolation = isIsolationWanted(wanted) ?? host.isIsolated;
  return differencesOf(`interface "${host.ifname}"`, [
    [bridge === undefined || host.master === bridge.ifindex, `is no port of bridge "${wanted.bridge}"`],
    [host.isHairpin === hairpinMode, `has hairpin mode ${onOff(host.isHairpin)}, want ${onOff(hairpinMode)}`],
    [
      host.isIsolated === portIsolation,
      `has port isolation ${onOff(host.isIsolated)}, want ${onOff(portIsolation)}`,
    ],
    // Ports of earlier versions have no group.
    [
      record?.interface?.raGuard !== true || host.group === RA_GUARD_GROUP,
      `is in group ${host.group}, want ${RA_GUARD_GROUP}, whose router advertisements are dropped`,
    ],
  ]);
}

function checkContainerEnd(container: Link, { wanted, prevResult }: CheckContext): string[] {
  const printed = printedOf(prevResult, container.ifname);
  const mtu = printed?.mtu ?? wanted.mtu ?? container.mtu;
  const mac = printed?.mac?.toLowerCase() ?? container.mac;
  const shouldBeUp = wanted.interface?.isDown !== true;
  return differencesOf(containerEnd(container.ifname), [
    [container.kind === "veth", "is no veth"],
    [container.isUp === shouldBeUp, `is ${container.isUp ? "up" : "down"}`],
    [container.mac === mac, `has MAC ${container.mac}, was ${mac}`],
    [container.mtu === mtu, `has MTU ${container.mtu}, want ${mtu}`],
  ]);
}

/** Undefined where the record does not tell. */
function isIsolationWanted({ interface: made, traffic }: AttachmentRecord): boolean | undefined {
  if (traffic?.ingressPolicy === "isolated") return true;
  return made && made.portIsolation === true;
}

function onOff(isOn: boolean): string {
  return isOn ? "on" : "off";
}
