/** The interface of the pod's virtual function: into the pod under the pod's name, and back. */

import { getLink } from "../../../link/link.ts";
import type { SriovPlan } from "../../plan/plan.ts";
import type { RecordedVf } from "../../record/record.ts";
import { containerEnd, differencesOf, printedOf } from "../../steps/differences.ts";
import type { AddContext, CheckContext, ContainerLink, RemovalContext } from "../../steps/step.ts";
import { givenMac, setVfMac } from "./vf-netdev.ts";
import {
  isStillOurs,
  isUserspace,
  orphanedVf,
  requireOnHost,
  returnToHost,
  USE,
  vfMoved,
} from "./vf-return.ts";

export const moveVf = {
  name: "moveVf",

  /** One message moves and renames, so that no clash with a name on either side can stop it half-way. */
  add(context: AddContext<SriovPlan>, vf: RecordedVf): ContainerLink | undefined {
    const { plan, host, netns, container } = context;
    if (vf.netdev === undefined || plan.link.attach.driver === "vfio-pci") return undefined;
    const { ifname } = plan.attachment;
    const { ifindex: ifi_index } = requireOnHost(host, vf);
    host.request({ message: "RTM_SETLINK", body: { ifi_index, ifi_flags: 0, ifi_change: USE } });
    const move = { ifi_index, IFLA_NET_NS_FD: netns.fd, IFLA_IFNAME: ifname };
    host.request({ message: "RTM_SETLINK", body: move });
    const link = getLink(container, ifname) ?? vfMoved(ifname);
    const mac = plan.link.containerMac ?? givenMac(vf) ?? link.mac;
    const mtu = context.mtu ?? getLink(host, vf.pf)?.mtu ?? link.mtu;
    if (mtu !== link.mtu)
      container.request({ message: "RTM_SETLINK", body: { ifi_index: link.ifindex, IFLA_MTU: mtu } });
    if (mac !== link.mac) setVfMac(container, link.ifindex, mac);
    return { ifindex: link.ifindex, mac, mtu };
  },

  check({ wanted, record, links, prevResult }: CheckContext): string[] {
    const vf = record?.vf;
    const { ifname } = wanted;
    if (vf?.netdev === undefined || isUserspace(vf)) return [];
    const link = links.container;
    if (link === undefined) return [`interface "${ifname}" does not exist in the container`];
    const printed = printedOf(prevResult, ifname);
    const mac = printed?.mac?.toLowerCase() ?? link.mac;
    return differencesOf(containerEnd(ifname), [
      [link.parentDevice === "" || link.parentDevice === vf.pciAddress, `is not VF ${vf.pciAddress}`],
      [link.isUp, "is down"],
      [link.mac === mac, `has MAC ${link.mac}, was ${mac}`],
      [link.mtu === (printed?.mtu ?? link.mtu), `has MTU ${link.mtu}, was ${printed?.mtu}`],
    ]);
  },

  del(removal: RemovalContext): void {
    const vf = removal.record === undefined ? orphanedVf(removal) : removal.record.vf;
    if (vf !== undefined && isStillOurs(removal, vf)) returnToHost(removal, vf);
  },
};
