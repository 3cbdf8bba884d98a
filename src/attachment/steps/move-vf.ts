/** The interface of the pod's virtual function: into the pod under the pod's name, and back. */

import { getLink } from "../../link/link.ts";
import { containerEnd, differencesOf, printedOf } from "../differences.ts";
import type { SriovPlan } from "../plan/plan.ts";
import type { Step } from "../step.ts";
import { setVfMac } from "../vf-netdev.ts";
import { isStillOurs, requireOnHost, returnToHost, strayVf, takenAway, USE } from "../vf-return.ts";

export const moveVf: Step<SriovPlan> = {
  name: "moveVf",

  /** One message moves and renames, so that no clash with a name on either side can stop it half-way. */
  add({ plan, claim, host, netns, container, mtu, found }) {
    const { vf } = claim.record;
    if (vf?.netdev === undefined || plan.link.attach.driver === "vfio-pci") return;
    const { ifname } = plan.attachment;
    const { ifindex: ifi_index } = requireOnHost(host, vf);
    host.request({ message: "RTM_SETLINK", body: { ifi_index, ifi_flags: 0, ifi_change: USE } });
    const move = { ifi_index, IFLA_NET_NS_FD: netns.fd, IFLA_IFNAME: ifname };
    host.request({ message: "RTM_SETLINK", body: move });
    const link = getLink(container, ifname) ?? takenAway(ifname);
    const mac = plan.link.containerMac ?? link.mac;
    if (mtu !== 0)
      container.request({ message: "RTM_SETLINK", body: { ifi_index: link.ifindex, IFLA_MTU: mtu } });
    if (mac !== link.mac) setVfMac(container, link.ifindex, mac);
    found.container = { ifindex: link.ifindex, mac, mtu: mtu === 0 ? link.mtu : mtu };
  },

  check({ plan, record, links, prevResult }) {
    const vf = record?.vf;
    const { ifname } = plan.attachment;
    if (vf?.netdev === undefined || plan.link.attach.driver === "vfio-pci") return [];
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

  del(removal) {
    const vf = removal.record === undefined ? strayVf(removal) : removal.record.vf;
    if (vf !== undefined && isStillOurs(removal, vf)) returnToHost(removal, vf);
  },
};
