/** Host ports: ports of the node that lead to a port of a pod. */

import { type Address, parseAddress } from "../addr/address.ts";
import { type Element, identityOf } from "./element.ts";
import { addressPart, familyName, keyOf, portPart, protocolPart } from "./key.ts";

/** IPPROTO_*, linux/in.h. */
export const IPPROTO = { tcp: 6, udp: 17, sctp: 132 } as const;
export type Protocol = keyof typeof IPPROTO;

export interface HostPort {
  readonly protocol: Protocol;
  readonly hostPort: number;
  readonly containerPort: number;
  /** Absent: any address of the node; of value 0: any address of its family. */
  readonly hostIp?: Address;
}

export interface HostPorts {
  readonly mappings: readonly HostPort[];
  /** Masquerade what the pod and the node's loopback address send to the pod's own host port. */
  readonly snat: boolean;
  /** Masquerade every connection through a host port. */
  readonly masqAll: boolean;
}

/** A host port of one family with the pod's address that it leads to. */
export interface Target {
  readonly port: HostPort;
  readonly pod: Address;
}

/** Each mapping with the pod's first address of each family that it is for. */
export function targetsOf(mappings: readonly HostPort[], addresses: readonly Address[]): Target[] {
  return mappings.flatMap((port) =>
    ([4, 6] as const).flatMap((family) => {
      const pod = addresses.find((address) => address.family === family);
      const isMeant = port.hostIp === undefined || port.hostIp.family === family;
      return pod !== undefined && isMeant ? [{ port, pod }] : [];
    }),
  );
}

export function hostPortElements(
  { mappings, snat, masqAll }: HostPorts,
  addresses: readonly Address[],
  owner: string,
): Element[] {
  const targets = targetsOf(mappings, addresses);
  const elements = targets.flatMap((target) => [
    mappingElement(target, owner),
    ...(snat ? hairpinElements(target.pod, owner) : []),
    ...(masqAll ? [masqueradeAllElement(target, owner)] : []),
  ]);
  return [...new Map(elements.map((element) => [identityOf(element), element])).values()];
}

/** `{ tcp . 80 : 10.1.0.5 . 8080 }`, or with the node's address in front of the key. */
function mappingElement({ port, pod }: Target, owner: string): Element {
  const { hostIp } = port;
  const isAny = hostIp === undefined || hostIp.value === 0n;
  const end = [protocolPart(IPPROTO[port.protocol]), portPart(port.hostPort)];
  return {
    table: "inet",
    set: `${isAny ? "hostports" : "hostports_at"}_${familyName(pod.family)}`,
    key: isAny ? keyOf(...end) : keyOf(addressPart(hostIp), ...end),
    value: keyOf(addressPart(pod), portPart(port.containerPort)),
    owner,
  };
}

const LOOPBACK = parseAddress("127.0.0.1");

/** `{ 10.1.0.5 . 10.1.0.5, 127.0.0.1 . 10.1.0.5 }`; the kernel sends nothing from `::1` to elsewhere. */
function hairpinElements(pod: Address, owner: string): Element[] {
  const senders = pod.family === 4 && LOOPBACK !== undefined ? [pod, LOOPBACK] : [pod];
  return senders.map((sender) => ({
    table: "inet",
    set: `hairpin_${familyName(pod.family)}`,
    key: keyOf(addressPart(sender), addressPart(pod)),
    owner,
  }));
}

/** `{ 10.1.0.5 . tcp . 8080 }` */
function masqueradeAllElement({ port, pod }: Target, owner: string): Element {
  return {
    table: "inet",
    set: `masquerade_all_${familyName(pod.family)}`,
    key: keyOf(addressPart(pod), protocolPart(IPPROTO[port.protocol]), portPart(port.containerPort)),
    owner,
  };
}
