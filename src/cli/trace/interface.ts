/** The hop through a pod's own interface: up, and with an address to speak from. */

import type { Family } from "../../addr/address.ts";
import { formatPrefix, type Prefix } from "../../addr/prefix.ts";
import type { InterfaceAddress } from "../../link/address.ts";
import type { Link } from "../../link/link.ts";
import { type Hop, inPod, passes, stops } from "./hop.ts";

export interface PodInterface {
  /** Whose it is. */
  readonly name: string;
  readonly ifname: string;
  /** Path of the pod's namespace. */
  readonly netns: string;
  /** Undefined where there is none of that name. */
  readonly link: Link | undefined;
  readonly addresses: readonly InterfaceAddress[];
  /** The packet is for it. */
  readonly isTarget?: true;
  /** Addresses that it was given. */
  readonly given: readonly Prefix[];
}

const ANEW = "delete the pod, so that its runtime starts it anew";

export function judgeInterface(pod: PodInterface, family: Family, at = "pod"): Hop {
  const { name, ifname, netns, link, addresses } = pod;
  if (link === undefined) return stops(at, `${name} has no interface ${ifname}`, ANEW);
  if (!link.isUp)
    return stops(
      at,
      `${ifname} of ${name} is down`,
      `${inPod(netns, `ip link set dev ${ifname} up`)}; then trace again, for its routes went with it`,
    );
  const own = addresses.filter(({ prefix }) => prefix.address.family === family);
  const usable = own.filter((address) => !address.isTentative);
  const [twice] = own.filter((address) => address.hasFailedDetection);
  if (usable.every(({ isLinkLocal }) => isLinkLocal)) {
    const lack = twice === undefined ? lacksAddress(pod, family, at) : isTwice(pod, twice, at);
    return canUseLinkLocal(usable, pod) ? { ...lack, level: "warning" } : lack;
  }
  const shown = usable.filter(({ isLinkLocal }) => !isLinkLocal).map(({ prefix }) => formatPrefix(prefix));
  return passes(at, `${ifname} of ${name} is up with ${shown.join(", ")}, MTU ${link.mtu}`);
}

/** It can speak to its link, but nobody can to an address that it does not have. */
function canUseLinkLocal(usable: readonly InterfaceAddress[], { isTarget }: PodInterface): boolean {
  return usable.length > 0 && isTarget !== true;
}

function lacksAddress({ name, ifname, netns, given }: PodInterface, family: Family, at: string): Hop {
  const text = `${ifname} of ${name} has no IPv${family} address`;
  const [lost] = given.filter(({ address }) => address.family === family);
  if (lost === undefined)
    return stops(at, text, `give its network an IPv${family} range, and ${ANEW}; or use the other family`);
  const options = family === 6 ? " nodad" : "";
  return stops(
    at,
    `${text}, it was given ${formatPrefix(lost)}`,
    inPod(netns, `ip address add ${formatPrefix(lost)} dev ${ifname}${options}`),
  );
}

function isTwice({ name, ifname }: PodInterface, { prefix }: InterfaceAddress, at: string): Hop {
  return stops(
    at,
    `${ifname} of ${name} does not use ${formatPrefix(prefix)}: another host on the link has it`,
    "find that host by the neighbour entries of the others, then start the pod anew",
  );
}
