/** The pod's macvlan interface on an interface of the node, or on a VLAN of it. */

import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { getLink, type Link, UP } from "../../../link/link.ts";
import { createMacvlan as create, removeMacvlan } from "../../../link/macvlan.ts";
import { ensureVlanLink, vlanIfnameOf } from "../../../link/vlan.ts";
import { isErrno } from "../../../linux/error.ts";
import { exists } from "../../../linux/file.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import { POOL_DIR } from "../../../network/usage.ts";
import { aliasOf, macsOf } from "../../attachment.ts";
import { openContainerIfAny } from "../../in-container.ts";
import type { MacvlanPlan } from "../../plan/plan.ts";
import type { AttachmentRecord } from "../../record/record.ts";
import { containerEnd, differencesOf, printedOf } from "../../steps/differences.ts";
import type { AddContext, CheckContext, ContainerLink, RemovalContext } from "../../steps/step.ts";
import { requireUplink, uplinkBridgeOf, withUplinkLock } from "../uplink.ts";

export const createMacvlan = {
  name: "createMacvlan",

  add(context: AddContext<MacvlanPlan>, mtu: number): ContainerLink {
    const { plan, host, container, netns } = context;
    const { ifname } = plan.attachment;
    const { containerMac: mac } = plan.link;
    const parent = ensureParent(context);
    const options = { ifname, ifalias: plan.alias, mac, mtu, parent: parent.ifindex, netnsFd: netns.fd };
    try {
      return create({ host, container }, options);
    } catch (cause) {
      if (!isErrno(cause, "EBUSY")) throw cause;
      const problem = `uplink "${parent.ifname}" is a port of a bridge or bond`;
      throw new CniError(CNI_ERROR.alreadyExists, problem, "name that bridge or bond as the uplink", {
        cause,
      });
    }
  },

  check(context: CheckContext): string[] {
    const { wanted, host, links } = context;
    const ifname = parentName(wanted);
    const parent = getLink(host, ifname);
    const link = links.container;
    return [
      ...checkParent(ifname, parent),
      ...(link === undefined
        ? [`interface "${wanted.ifname}" does not exist in the container`]
        : checkLink(context, link, parent)),
    ];
  },

  del(removal: RemovalContext): void {
    const { attachment, record } = removal;
    if (record === undefined && !exists(POOL_DIR)) return; // its address would have been reserved there before
    const mac = record?.uplink?.mac ?? macsOf(attachment).container;
    using container = openContainerIfAny(removal);
    if (container !== undefined)
      removeMacvlan(container, { ifname: attachment.ifname, mac, ifalias: aliasOf(attachment) });
  },
};

function checkParent(ifname: string, parent: Link | undefined): string[] {
  if (parent === undefined) return [`uplink "${ifname}" does not exist`];
  return parent.isUp ? [] : [`uplink "${ifname}" is down`];
}

function checkLink({ wanted, prevResult }: CheckContext, link: Link, parent: Link | undefined) {
  const { ifname } = wanted;
  const printed = printedOf(prevResult, ifname);
  const mac = printed?.mac?.toLowerCase() ?? link.mac;
  const mtu = printed?.mtu ?? wanted.mtu ?? link.mtu;
  return differencesOf(containerEnd(ifname), [
    [link.kind === "macvlan", "is no macvlan"],
    [link.isUp, "is down"],
    [link.mac === mac, `has MAC ${link.mac}, was ${mac}`],
    [link.mtu === mtu, `has MTU ${link.mtu}, want ${mtu}`],
    [parent === undefined || link.peer === parent.ifindex, `is not carried by "${parent?.ifname}"`],
  ]);
}

function parentName({ uplink }: AttachmentRecord): string {
  const { ifname = "", vlan } = uplink ?? {};
  return vlan === undefined ? ifname : vlanIfnameOf(ifname, vlan);
}

function ensureParent({ plan, host }: AddContext<MacvlanPlan>): Link {
  const { uplink: ifname, vlan } = plan.link.uplink;
  const uplink = requireUplink(ifname, getLink(host, ifname));
  const upped = uplink.isUp ? uplink : setUp(host, uplink);
  if (vlan === undefined) return upped;
  return withUplinkLock(uplinkBridgeOf(ifname), () => ensureVlanLink(host, { uplink: upped, vlan }));
}

function setUp(host: RouteSocket, link: Link): Link {
  host.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index: link.ifindex } });
  return { ...link, isUp: true };
}
