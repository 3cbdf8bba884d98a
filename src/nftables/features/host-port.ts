/** A host port: a port of the node that leads to a port of a pod. */

import type { Address } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import type { Protocol } from "../../addr/service.ts";

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
  /** Addresses of the node, such as those of Services, that a port without `hostIp` is not for; absent: none. */
  readonly except?: readonly Prefix[];
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

/** True for a port of every address of the node. */
export function isForAny({ port: { hostIp } }: Pick<Target, "port">): boolean {
  return hostIp === undefined || hostIp.value === 0n;
}
