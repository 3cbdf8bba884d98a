/** The veth pair between the bridge and the pod. */

import {
  deleteLink,
  deleteLinks,
  getLink,
  getLinkRequest,
  type Link,
  type RouteRequest,
  type RouteSocket,
  toLink,
} from "../../link/link.ts";
import {
  createVethRequest,
  noLinkLocalRequest,
  setAliasRequest,
  setPortRequest,
  setUpRequest,
} from "../../link/veth.ts";
import { isErrno } from "../../linux/error.ts";
import { NetnsHandle } from "../../linux/netns.ts";
import { NetlinkError } from "../../netlink/error.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { aliasOf } from "../attachment.ts";
import { isMadeByReference } from "../evidence.ts";
import { findOwnLinks } from "../own-links.ts";
import type { Adding, Checking, Removal, Step } from "../step.ts";

export const createVeth: Step = {
  name: "createVeth",

  add(adding) {
    const { plan, host, found } = adding;
    const outcomes = host.exchange([...vethRequests(adding), getLinkRequest(plan.hostIfname)]);
    for (const { refusal } of outcomes) {
      if (refusal !== undefined && refusal.errno !== "EAFNOSUPPORT") throw new NetlinkError(refusal);
    }
    const [message] = host.decode(outcomes[outcomes.length - 1]?.replies ?? [], "RTM_NEWLINK");
    found.host = toLink(message ?? {});
  },

  check(checking) {
    const { host, container } = checking.links;
    if (container === undefined)
      return [`interface "${checking.plan.attachment.ifname}" does not exist in the container`];
    if (host === undefined) return ["the veth end on the host does not exist"];
    return [...checkHostEnd(host, container, checking), ...checkContainerEnd(container, checking)];
  },

  /** With the ifb device, where there is one: the kernel waits once for both. */
  del(removal) {
    const { host, ifb } = findOwnLinks(removal);
    const own = [host, ifb].filter((link) => link !== undefined);
    deleteLinks(
      removal.host,
      own.map((link) => link.ifindex),
    );
    if (host === undefined) deleteInContainer(removal);
  },
};

function vethRequests({ plan, netns, mtu, found }: Adding): RouteRequest[] {
  const { hairpinMode, portIsolation } = plan.config;
  const pair = createVethRequest({
    host: { ifname: plan.hostIfname, mac: plan.hostMac },
    container: { ifname: plan.attachment.ifname, mac: plan.containerMac },
    netnsFd: netns.fd,
    mtu,
    master: found.bridge?.ifindex ?? 0,
  });
  const port = setPortRequest(plan.hostIfname, { isHairpin: hairpinMode, isIsolated: portIsolation });
  // A new port has both off.
  return [
    pair,
    setAliasRequest(plan.hostIfname, plan.alias),
    noLinkLocalRequest(plan.hostIfname),
    ...(hairpinMode || portIsolation ? [port] : []),
    setUpRequest(plan.hostIfname),
  ];
}

/** For a pair whose end on the host was renamed, or that another plugin made under a name of its own. */
function deleteInContainer(removal: Removal): void {
  if (removal.netns === "") return;
  using container = openSocketIfAny(removal);
  if (container === undefined) return;
  const link = getLink(container, removal.attachment.ifname);
  if (link === undefined) return;
  if (link.ifalias === aliasOf(removal.attachment) || isMadeByReference(link, container, removal)) {
    deleteLink(container, link.ifindex);
  }
}

/** Undefined where the path is gone, or a plain file is left of the namespace that was mounted on it. */
function openSocketIfAny({ netns: path, trace }: Removal): RouteSocket | undefined {
  try {
    using netns = NetnsHandle.open(path);
    return netns.isOwn() ? undefined : NetlinkSocket.open(rtnetlink, { netns, trace });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL", "EACCES", "ENXIO")) return undefined;
    throw error;
  }
}

function checkHostEnd(host: Link, container: Link, { plan, links: { bridge } }: Checking): string[] {
  const { hairpinMode, portIsolation } = plan.config;
  const claims: [boolean, string][] = [
    [host.kind === "veth", "is no veth"],
    [host.isUp, "is down"],
    [host.peer === container.ifindex, `is not the other end of "${container.ifname}"`],
    [bridge === undefined || host.master === bridge.ifindex, `is no port of bridge "${plan.config.bridge}"`],
    [host.isHairpin === hairpinMode, `has hairpin mode ${onOff(host.isHairpin)}, want ${onOff(hairpinMode)}`],
    [
      host.isIsolated === portIsolation,
      `has port isolation ${onOff(host.isIsolated)}, want ${onOff(portIsolation)}`,
    ],
    [host.mtu === container.mtu, `has MTU ${host.mtu}, the container's end ${container.mtu}`],
  ];
  return claims
    .filter(([holds]) => !holds)
    .map(([, difference]) => `interface "${host.ifname}" ${difference}`);
}

function checkContainerEnd(container: Link, { plan, prevResult, record }: Checking): string[] {
  const printed = prevResult.interfaces.find(
    (entry) => entry.name === container.ifname && entry.sandbox !== undefined,
  );
  const mtu = printed?.mtu ?? (plan.config.mtu === 0 ? record?.mtu : plan.config.mtu) ?? container.mtu;
  const mac = printed?.mac?.toLowerCase() ?? container.mac;
  const shouldBeUp = !plan.config.disableContainerInterface;
  const claims: [boolean, string][] = [
    [container.kind === "veth", "is no veth"],
    [container.isUp === shouldBeUp, `is ${container.isUp ? "up" : "down"}`],
    [container.mac === mac, `has MAC ${container.mac}, was ${mac}`],
    [container.mtu === mtu, `has MTU ${container.mtu}, want ${mtu}`],
  ];
  return claims
    .filter(([holds]) => !holds)
    .map(([, difference]) => `interface "${container.ifname}" in the container ${difference}`);
}

function onOff(isOn: boolean): string {
  return isOn ? "on" : "off";
}
