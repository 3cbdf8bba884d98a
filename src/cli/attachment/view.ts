/** Attachments as people and programs see them. */

import { formatAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { isGone } from "../../attachment/leftovers/liveness.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { vlanIfnameOf } from "../../link/vlan.ts";
import { shortId } from "../format.ts";
import type { View } from "../print.ts";
import { formatAge } from "./age.ts";

/** An attachment with what is not in its record. */
export interface ListedAttachment {
  readonly record: AttachmentRecord;
  /** Its network namespace is there. */
  readonly isAlive: boolean;
  /** Milliseconds. */
  readonly age: number;
}

export function toListed(record: AttachmentRecord): ListedAttachment {
  return {
    record,
    isAlive: !isGone(record),
    age: Date.now() - Date.parse(record.createdAt),
  };
}

/** By namespace, pod, container and interface. */
export function inOrder(listed: readonly ListedAttachment[]): ListedAttachment[] {
  const keyOf = ({ record: { pod, containerId, ifname } }: ListedAttachment) =>
    [pod?.namespace ?? "", pod?.name ?? "", containerId, ifname].join("\0");
  return listed.toSorted((a, b) => compareNames(keyOf(a), keyOf(b)));
}

/** By code point. */
export function compareNames(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

export const ATTACHMENT_VIEW: View<ListedAttachment> = {
  headers: [
    "POD",
    "NAMESPACE",
    "CONTAINER",
    "INTERFACE",
    "ADDRESSES",
    "ON THE NODE",
    "NETWORK",
    "TIER",
    "HOST PORTS",
    "AGE",
  ],

  toRow({ record, isAlive, age }) {
    const { pod, containerId, ifname, ips = [], named, network } = record;
    return [
      pod?.name ?? "",
      pod?.namespace ?? "",
      shortId(containerId),
      ifname,
      ips.map(formatPrefix).join(","),
      describeNodeSide(record),
      named?.name ?? network,
      named?.tier ?? "",
      hostPortsOf(record).map(describeHostPort).join(","),
      `${formatAge(age)}${isAlive ? "" : " gone"}`,
    ];
  },

  toJson({ record, isAlive }) {
    const { network, containerId, ifname, kind, pod, ips = [], hostIfname, bridge } = record;
    const { mtu, named, uplink, vf, netns, createdAt } = record;
    return {
      network,
      containerId,
      ifname,
      kind,
      pod: pod ?? null,
      addresses: ips.map(formatPrefix),
      hostIfname: hostIfname ?? null,
      bridge: bridge ?? null,
      uplink: uplink ?? null,
      vf: vf === undefined ? null : { pf: vf.pf, index: vf.index, pciAddress: vf.pciAddress },
      mtu: mtu ?? 0,
      named: named ?? null,
      hostPorts: hostPortsOf(record).map(({ hostIp, ...port }) => ({
        ...port,
        hostIp: hostIp === undefined ? null : formatAddress(hostIp),
      })),
      netns,
      isAlive,
      createdAt,
    };
  },
};

/** The veth end, with its bridge where it has one, the virtual function, or the interface that a macvlan one is on. */
export function describeNodeSide({ hostIfname, bridge, uplink, vf }: AttachmentRecord): string {
  if (vf !== undefined) return `${vf.pf} VF ${vf.index}`;
  if (hostIfname !== undefined) return bridge === undefined ? hostIfname : `${hostIfname} (${bridge})`;
  if (uplink === undefined) return "";
  return uplink.vlan === undefined ? uplink.ifname : vlanIfnameOf(uplink.ifname, uplink.vlan);
}

type HostPort = ReturnType<typeof hostPortsOf>[number];

function hostPortsOf({ traffic }: AttachmentRecord) {
  return traffic?.hostPorts?.mappings ?? [];
}

function describeHostPort({ hostIp, hostPort, containerPort, protocol }: HostPort): string {
  const address = hostIp === undefined || hostIp.value === 0n ? "" : `${bracketed(formatAddress(hostIp))}:`;
  return `${address}${hostPort}->${containerPort}/${protocol}`;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
