/** The part of a way past the node's own stack: macvlan interfaces and virtual functions, out by an interface of the node. */

import { formatAddress, sameAddress } from "../../addr/address.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { addressesOf } from "../../attachment/rules/ruleset.ts";
import { listAddresses } from "../../link/address.ts";
import { getLink, type Link } from "../../link/link.ts";
import { readVfSettings } from "../../sriov/read-vf-settings.ts";
import type { VfSettings } from "../../sriov/vf-settings.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { judgeCarrier } from "./from-node.ts";
import type { Sent } from "./from-pod.ts";
import { type Hop, type Leg, passes, stops, warns } from "./hop.ts";
import { atPod } from "./into-pod.ts";
import { parentOf } from "./stations.ts";

export function fromMacvlan(facts: Facts, sent: Sent): Leg {
  const { link, nextHop, packet } = sent;
  const parent = facts.link(link.peer);
  if (parent === undefined)
    return { hops: [stops("port", `the interface below ${link.ifname} is gone`, ANEW)] };
  const hops = [judgeParent(parent, facts.link(parent.tag === undefined ? 0 : parent.peer))];
  if (sent.isForMany) return { hops, end: "arrives" };
  const isNodes = listAddresses(facts.host, parent.ifindex).some(({ prefix }) =>
    sameAddress(prefix.address, nextHop),
  );
  if (isNodes) return { hops: [...hops, beyondReach(sent, parent)] };
  const target = facts.living.find(
    (one) => hasAddress(one, sent) && parentOf(facts, one)?.ifindex === parent.ifindex,
  );
  if (target !== undefined) {
    const text = `${parent.ifname} hands it to ${podNameOf(target)}, which is on it too`;
    return { hops: [...hops, passes("bridge", text)], next: () => atPod(facts, { record: target, packet }) };
  }
  return { hops: [...hops, judgeCarrier(parent)], end: "leaves" };
}

const ANEW = "delete the pod, so that its runtime starts it anew";

function hasAddress(record: AttachmentRecord, { nextHop }: Sent): boolean {
  return addressesOf(record).some((own) => sameAddress(own, nextHop));
}

/** The parent of a macvlan interface, and what is below it where it is a VLAN. */
export function judgeParent(parent: Link, below: Link | undefined): Hop {
  const down = [parent, below].find((link) => link !== undefined && !link.isUp);
  if (down !== undefined) return stops("port", `${down.ifname} is down`, `ip link set dev ${down.ifname} up`);
  const vlan =
    parent.tag === undefined ? "" : `, VLAN ${parent.tag.vlan} of ${below?.ifname ?? "an interface"}`;
  return passes("port", `it is a macvlan interface of ${parent.ifname}${vlan}`);
}

function beyondReach({ nextHop }: Sent, { ifname }: Link): Hop {
  const text = `${formatAddress(nextHop)} is the node's own address on ${ifname}: macvlan interfaces do not reach the interface that they are on`;
  return stops(
    "bridge",
    text,
    "reach the node at an address of another interface, or take a network with --attach bridge",
  );
}

export function fromVf(facts: Facts, sent: Sent): Leg {
  const { record, link, packet } = sent;
  const { vf } = record;
  if (vf === undefined) return { hops: [] };
  const pf = getLink(facts.host, vf.pf);
  if (pf === undefined)
    return { hops: [stops("port", `physical function ${vf.pf} is gone`, "podwire vf list")] };
  const settings = readVfSettings(facts.host, vf);
  const hops = [...judgeVf({ pf: vf.pf, index: vf.index, mac: link.mac, settings }), judgeCarrier(pf)];
  if (sent.isForMany) return { hops, end: "arrives" };
  const target = facts.living.find((one) => one.vf?.pf === vf.pf && hasAddress(one, sent));
  if (target?.vf === undefined) return { hops, end: "leaves" };
  const other = readVfSettings(facts.host, target.vf);
  const meeting = judgeMeeting(settings, other, `${vf.pf} VF ${target.vf.index} of ${podNameOf(target)}`);
  return { hops: [...hops.slice(0, -1), meeting], next: () => atPod(facts, { record: target, packet }) };
}

interface VfFacts {
  readonly pf: string;
  readonly index: number;
  /** What the pod's frames bear. */
  readonly mac: string;
  /** Undefined where the card's driver shows none. */
  readonly settings: VfSettings | undefined;
}

export function judgeVf({ pf, index, mac, settings }: VfFacts): Hop[] {
  const name = `${pf} VF ${index}`;
  if (settings === undefined) return [warns("port", `it is ${name}, of which the driver shows no settings`)];
  const { vlan, linkState, spoofchk, maxTxRateMbps: rate } = settings;
  const set = `ip link set dev ${pf} vf ${index}`;
  if (linkState === "disable")
    return [stops("port", `the link of ${name} is set to disable`, `${set} state auto`)];
  if (spoofchk === true && settings.mac !== NO_MAC && settings.mac !== mac)
    return [
      stops(
        "guard",
        `${name} may send from ${settings.mac}, and the pod's is ${mac}: the card drops the frame`,
        `${set} mac ${mac}`,
      ),
    ];
  const segment = vlan === 0 ? "without a VLAN" : `in VLAN ${vlan}`;
  const limit = rate === 0 ? "" : `, at most ${rate} Mbit/s`;
  return [passes("port", `it is ${name}, ${segment}, link ${linkState}${limit}`)];
}

const NO_MAC = "00:00:00:00:00:00";

/** Two functions of one card reach each other within it where their VLANs are the same. */
export function judgeMeeting(from: VfSettings | undefined, to: VfSettings | undefined, name: string): Hop {
  const [vlan, other] = [from?.vlan ?? 0, to?.vlan ?? 0];
  if (vlan === other) return passes("bridge", `the card hands it to ${name}`);
  return stops("vlan", `${name} is in VLAN ${other}, not ${vlan}`, "give both pods the same network");
}
