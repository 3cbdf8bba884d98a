/** The hop through the check of senders: frames of a pod pass where they bear its own MAC address. */

import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { describeElement } from "../../nftables/elements/describe.ts";
import type { Element } from "../../nftables/elements/element.ts";
import { findSpoofCheck } from "../../nftables/explain.ts";
import type { Facts } from "./facts.ts";
import { type Hop, inPod, passes, stops, warns } from "./hop.ts";

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
