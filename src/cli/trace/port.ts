/** The hop through a pod's port: the veth end on the node, its bridge, its VLANs and its limits. */

import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { type PORT_STATE, portStateOf } from "../../link/bridge-port.ts";
import type { VlanRange } from "../../link/bridge-vlan.ts";
import { listPortVlans } from "../../link/bridge-vlan.ts";
import { hasCarrier } from "../../link/carrier.ts";
import { getLink, type Link } from "../../link/link.ts";
import type { Facts } from "./facts.ts";
import { type Hop, inPod, passes, stops } from "./hop.ts";

export interface Port {
  readonly ifname: string;
  /** Undefined where there is no interface of that name. */
  readonly link: Link | undefined;
  /** The bridge that it should be a port of. */
  readonly bridgeName: string;
  /** The bridge that it is a port of; undefined for none. */
  readonly bridge: Link | undefined;
  readonly state: (typeof PORT_STATE)[number] | undefined;
  /** Command that sets the other end up, in the pod; undefined where that is not a pod's. */
  readonly otherEnd?: string;
  /** What it carries; undefined where the bridge tells no VLANs apart. */
  readonly vlans: readonly VlanRange[] | undefined;
}

export function readPort(facts: Facts, record: AttachmentRecord): Port {
  const { hostIfname: ifname = "", bridge: bridgeName = "", netns } = record;
  const otherEnd = inPod(netns, `ip link set dev ${record.ifname} up`);
  return { ...portOf(facts, getLink(facts.host, ifname), { ifname, bridgeName }), otherEnd };
}

/** Any interface as a port. */
export function portOf(
  facts: Facts,
  link: Link | undefined,
  names: Pick<Port, "ifname" | "bridgeName">,
): Port {
  const bridge = facts.link(link?.master ?? 0);
  const isPort = link !== undefined && bridge !== undefined;
  return {
    ...names,
    link,
    bridge,
    state: isPort ? portStateOf(facts.host, link.ifindex) : undefined,
    vlans: isPort ? readVlans(facts, bridge, link) : undefined,
  };
}

/** What a port of the bridge, or the bridge itself, carries; undefined where the bridge tells no VLANs apart. */
export function readVlans(
  { host }: Facts,
  { filter }: Link,
  { ifindex }: Link,
): readonly VlanRange[] | undefined {
  return filter?.isOn === true ? listPortVlans(host, ifindex) : undefined;
}

/** A port that frames can pass. */
export type WorkingPort = Port & { readonly link: Link; readonly bridge: Link };

export function isWorking(port: Port): port is WorkingPort {
  return port.link !== undefined && port.bridge !== undefined && judgePort(port).level !== "fault";
}

export function judgePort({ ifname, link, bridgeName, bridge, state, otherEnd }: Port): Hop {
  if (link === undefined)
    return stops(
      "port",
      `the node's end ${ifname} is gone`,
      "delete the pod, so that its runtime starts it anew",
    );
  const up = `ip link set dev ${ifname} up`;
  const member = `ip link set dev ${ifname} master ${bridgeName}`;
  if (!link.isUp) return stops("port", `the node's end ${ifname} is down`, up);
  if (otherEnd !== undefined && !hasCarrier(link))
    return stops("port", `${ifname} has no carrier: its other end, in the pod, is down`, otherEnd);
  if (bridge === undefined) return stops("port", `${ifname} is no port of ${bridgeName}`, member);
  if (bridge.ifname !== bridgeName)
    return stops("port", `${ifname} is a port of ${bridge.ifname}, not of ${bridgeName}`, member);
  if (!bridge.isUp) return stops("port", `bridge ${bridgeName} is down`, `ip link set dev ${bridgeName} up`);
  if (state !== "forwarding")
    return stops(
      "port",
      `${ifname} is a ${state} port of ${bridgeName}`,
      `bridge link set dev ${ifname} state 3`,
    );
  return passes("port", `${ifname} is up, a forwarding port of ${bridgeName}`);
}

/** The VLAN that frames without a tag are in behind a port; undefined where VLANs are not told apart, 0 for none. */
export function vlanBehind({ vlans }: Pick<Port, "vlans">): number | undefined {
  return vlans === undefined ? undefined : (vlans.find(({ isPvid }) => isPvid)?.first ?? 0);
}

/** What comes in without a tag. Nothing to say where VLANs are not told apart. */
export function judgeVlanIn(port: Port): Hop[] {
  const vlan = vlanBehind(port);
  if (vlan === undefined) return [];
  const { ifname } = port;
  if (vlan === 0)
    return [
      stops(
        "vlan",
        `${ifname} has no VLAN for frames without a tag`,
        `bridge vlan add dev ${ifname} vid 1 pvid untagged`,
      ),
    ];
  return [passes("vlan", `${ifname} puts frames without a tag into VLAN ${vlan}`)];
}

/** What goes out: a pod takes frames without a tag alone. */
export function judgeVlanOut(
  { ifname, vlans, otherEnd }: Pick<Port, "ifname" | "vlans" | "otherEnd">,
  vlan: number | undefined,
): Hop[] {
  if (vlans === undefined || vlan === undefined) return [];
  const carried = vlans.find(({ first, last }) => first <= vlan && vlan <= last);
  const untagged = `bridge vlan add dev ${ifname} vid ${vlan} pvid untagged`;
  if (carried !== undefined) {
    const text = `${ifname} carries VLAN ${vlan} ${carried.isUntagged ? "without a tag" : "with its tag"}`;
    if (otherEnd === undefined || carried.isUntagged) return [passes("vlan", text)];
    return [stops("vlan", `${text}, and the pod's interface takes frames without one`, untagged)];
  }
  const others = vlans.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(", ");
  return [
    stops(
      "vlan",
      `${ifname} is not in VLAN ${vlan} (it carries ${others || "none"})`,
      `${untagged}, if both shall be in one network`,
    ),
  ];
}
