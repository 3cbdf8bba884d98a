/** The result of an ADD: the interfaces of each attachment, one after the other. */

import type { Interface, Result } from "../cni/result.ts";
import type { Link } from "../link/link.ts";
import type { BridgePlan } from "./plan/plan.ts";
import type { Adding } from "./step.ts";

export function toResult(adding: Adding): Result {
  const { ips, routes, dns } = adding.found;
  const interfaces = interfacesOf(adding);
  const own = interfaces.findIndex(({ sandbox }) => sandbox !== undefined);
  return { interfaces, ips: ips.map((ip) => ({ ...ip, interface: own })), routes, dns };
}

function interfacesOf(adding: Adding): Interface[] {
  const { plan, netns, mtu, found, claim } = adding;
  if (plan.link.kind === "bridge") return bridgeInterfaces(adding, plan.link);
  const { vf } = claim.record;
  const own = { name: plan.attachment.ifname, sandbox: netns.path };
  if (vf === undefined) return [{ ...own, mac: found.container?.mac ?? plan.link.containerMac ?? "", mtu }];
  const mac = found.container?.mac ?? vf.wanted.mac ?? vf.original.mac ?? "";
  const size = found.container?.mtu ?? mtu;
  return [{ ...own, mac, ...(size === 0 ? {} : { mtu: size }), pciID: vf.pciAddress }];
}

function bridgeInterfaces({ plan, netns, mtu, found }: Adding, link: BridgePlan): Interface[] {
  return [
    { name: link.bridge, mac: found.bridge?.mac ?? "", mtu: found.bridge?.mtu ?? mtu },
    { name: link.hostIfname, mac: found.host?.mac ?? link.hostMac, mtu },
    { name: plan.attachment.ifname, mac: link.containerMac, mtu, sandbox: netns.path },
    ...(found.gateway === undefined ? [] : [interfaceOf(found.gateway)]),
    ...(found.ifb === undefined ? [] : [interfaceOf(found.ifb)]),
  ];
}

function interfaceOf({ ifname, mac, mtu }: Link): Interface {
  return { name: ifname, mac, mtu };
}

/** The first one's resolver settings hold for the pod. */
export function mergeResults(results: readonly Result[]): Result {
  const [first] = results;
  if (first === undefined || results.length === 1)
    return first ?? { interfaces: [], ips: [], routes: [], dns: {} };
  let offset = 0;
  const ips = results.flatMap((result) => {
    const start = offset;
    offset += result.interfaces.length;
    return result.ips.map((ip) => ({ ...ip, interface: start + (ip.interface ?? 0) }));
  });
  return {
    interfaces: results.flatMap((result) => result.interfaces),
    ips,
    routes: results.flatMap((result) => result.routes),
    dns: first.dns,
  };
}
