/** The pod's macvlan interface on an interface of the node, or on a VLAN of it. */

import { CNI_ERROR, CniError } from "../../cni/error.ts";
import { getLink, type Link, type RouteSocket, UP } from "../../link/link.ts";
import { createMacvlanRequest } from "../../link/macvlan.ts";
import { ensureVlanLink, vlanIfnameOf } from "../../link/vlan.ts";
import { aliasOf } from "../attachment.ts";
import { deleteInContainer } from "../in-container.ts";
import type { MacvlanPlan } from "../plan.ts";
import type { Adding, Checking, Step } from "../step.ts";
import { requireUplink, withUplinkLock } from "../uplink.ts";

export const createMacvlan: Step<MacvlanPlan> = {
  name: "createMacvlan",

  add(adding) {
    const { plan, host, container, netns, mtu, found } = adding;
    const { ifname } = plan.attachment;
    const { containerMac: mac } = plan.link;
    const parent = ensureParent(adding);
    host.request(createMacvlanRequest({ ifname, mac, mtu, parent: parent.ifindex, netnsFd: netns.fd }));
    const link = getLink(container, ifname);
    if (link === undefined)
      throw new CniError(CNI_ERROR.tryAgainLater, `interface "${ifname}" was removed by someone else`);
    found.container = link;
  },

  check(checking) {
    const { plan, links, prevResult } = checking;
    const { ifname } = plan.attachment;
    const link = links.container;
    if (link === undefined) return [`interface "${ifname}" does not exist in the container`];
    const printed = prevResult.interfaces.find(
      (entry) => entry.name === ifname && entry.sandbox !== undefined,
    );
    const mac = printed?.mac?.toLowerCase() ?? link.mac;
    const claims: [boolean, string][] = [
      [link.kind === "macvlan", "is no macvlan"],
      [link.isUp, "is down"],
      [link.mac === mac, `has MAC ${link.mac}, was ${mac}`],
      [link.peer === findParent(checking)?.ifindex, `is not carried by "${parentName(plan.link)}"`],
    ];
    return claims
      .filter(([holds]) => !holds)
      .map(([, difference]) => `interface "${ifname}" in the container ${difference}`);
  },

  del(removal) {
    deleteInContainer(removal, (link) => link.kind === "macvlan" && isOwn(link, removal));
  },
};

/** Between creation and alias an ADD may have been killed: then the record alone tells that it is ours. */
function isOwn(link: Link, { attachment, record }: Parameters<NonNullable<Step["del"]>>[0]): boolean {
  return link.ifalias === aliasOf(attachment) || (link.ifalias === "" && record?.kind === "macvlan");
}

function parentName({ uplink }: MacvlanPlan): string {
  return uplink.vlan === undefined ? uplink.uplink : vlanIfnameOf(uplink.uplink, uplink.vlan);
}

function findParent({ plan, host }: Checking<MacvlanPlan>): Link | undefined {
  return getLink(host, parentName(plan.link));
}

function ensureParent({ plan, host }: Adding<MacvlanPlan>): Link {
  const { uplink: ifname, vlan } = plan.link.uplink;
  const uplink = requireUplink(ifname, getLink(host, ifname));
  const upped = uplink.isUp ? uplink : setUp(host, uplink);
  if (vlan === undefined) return upped;
  return withUplinkLock(ifname, () => ensureVlanLink(host, { uplink: upped, vlan }));
}

function setUp(host: RouteSocket, link: Link): Link {
  host.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index: link.ifindex } });
  return { ...link, isUp: true };
}
