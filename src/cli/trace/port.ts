/** The hops through a pod's port: the veth end on the node, its bridge, its VLANs, its limits, and the check of senders. */

import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { type PORT_STATE, portStateOf } from "../../link/bridge-port.ts";
import { listPortVlans, type VlanRange } from "../../link/bridge-vlan.ts";
import { getLink, type Link } from "../../link/link.ts";
import { IF_OPER } from "../../netlink/route/link.ts";
import { describeElement } from "../../nftables/elements/describe.ts";
import type { Element } from "../../nftables/elements/element.ts";
import { findSpoofCheck } from "../../nftables/explain.ts";
import { findBucket, findRedirect } from "../../shaping/token-bucket.ts";
import { formatSize } from "../perf-tier/size.ts";
import type { Facts } from "./facts.ts";
import { type Hop, inPod, passes, stops, warns } from "./hop.ts";

export interface Port {
  readonly ifname: string;
  /** Undefined where there is no interface of that name. */
  readonly link: Link | undefined;
  /** The bridge that it should be a port of; empty where it is to be none, but routed. */
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

/** An interface that frames can pass, a port of a bridge or routed. */
export function isUsable(port: Port): port is Port & { readonly link: Link } {
  return port.link !== undefined && judgePort(port).level !== "fault";
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
  if (bridgeName === "") return judgeRouted(ifname, bridge);
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

/** The end of a pod's own pair: what comes in there is not routed while a bridge takes it. */
function judgeRouted(ifname: string, bridge: Link | undefined): Hop {
  if (bridge === undefined) return passes("port", `${ifname} is up, and the node routes what comes in there`);
  const text = `${ifname} is a port of ${bridge.ifname}, and should be none: the node routes by it`;
  return stops("port", text, `ip link set dev ${ifname} nomaster`);
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

const WITHOUT: readonly number[] = [IF_OPER.NOTPRESENT, IF_OPER.DOWN, IF_OPER.LOWERLAYERDOWN];

export function hasCarrier({ operstate }: Pick<Link, "operstate">): boolean {
  return !WITHOUT.includes(operstate);
}

export interface Limit {
  /** The interface that keeps it; undefined where it is gone. */
  readonly link: Link | undefined;
  /** Bytes a second; undefined: the interface limits nothing. */
  readonly rate: number | undefined;
}

/** Of what the pod gets; undefined where there is none. */
export function readLimitIn({ host }: Facts, port: Link): Limit | undefined {
  const rate = findBucket(host, port.ifindex)?.rate;
  return rate === undefined ? undefined : { link: port, rate };
}

/** Of what the pod sends; undefined where it goes straight on. */
export function readLimitOut(facts: Facts, port: Link): Limit | undefined {
  const ifb = findRedirect(facts.host, port.ifindex);
  if (ifb === undefined) return undefined;
  return { link: facts.link(ifb), rate: findBucket(facts.host, ifb)?.rate };
}

const BITS = 8;

export function judgeLimit(limit: Limit | undefined): Hop[] {
  if (limit === undefined) return [];
  const { link, rate } = limit;
  if (link?.isUp !== true) {
    const name = link?.ifname ?? "an interface that is gone";
    const advice =
      link === undefined
        ? "delete the pod, so that its runtime starts it anew"
        : `ip link set dev ${link.ifname} up`;
    return [stops("limit", `what it sends is led through ${name}, which is not up`, advice)];
  }
  if (rate === undefined) return [passes("limit", `led through ${link.ifname}, without a limit`)];
  return [passes("limit", `at most ${formatSize(rate * BITS)}bit/s by the token bucket of ${link.ifname}`)];
}

interface SenderCheck {
  readonly port: string;
  /** What the pod's frames bear. */
  readonly mac: string;
  readonly ifname: string;
  readonly netns: string;
  /** The one address that it may send from; undefined where nothing was asked for. */
  readonly wanted: string | undefined;
  /** The port is in the set of those that are checked. */
  readonly isChecked: boolean;
  /** The element that lets the frames pass. */
  readonly sender: Element | undefined;
}

export function readSenderCheck({ netfilter }: Facts, record: AttachmentRecord, mac: string): SenderCheck {
  const { hostIfname: port = "", ifname, netns, traffic } = record;
  const found = netfilter === undefined ? undefined : findSpoofCheck(netfilter, port, mac);
  return {
    port,
    mac,
    ifname,
    netns,
    wanted: traffic?.sender,
    isChecked: found?.isChecked === true,
    sender: found?.sender,
  };
}

export function judgeSenderCheck({ port, mac, wanted, isChecked, sender, ...pod }: SenderCheck): Hop[] {
  if (isChecked && sender !== undefined)
    return [passes("guard", `its sender may pass, by ${describeElement(sender)}`)];
  if (isChecked) {
    const text = `senders of ${port} are checked, and ${mac} is none of them: table bridge podwire drops the frame`;
    if (wanted === undefined || wanted === mac) return [stops("guard", text, "podwire repair")];
    return [stops("guard", text, inPod(pod.netns, `ip link set dev ${pod.ifname} address ${wanted}`))];
  }
  if (wanted === undefined) return [];
  return [warns("guard", `senders of ${port} should be checked, and are not`, "podwire repair")];
}
