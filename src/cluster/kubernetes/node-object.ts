/** What the agent reads of this node's Node object. */

import { type Address, isLinkLocal, parseAddress } from "../../addr/address.ts";
import { formatPrefix, networkOf, type Prefix, parsePrefix } from "../../addr/prefix.ts";
import { type AnyFields, type ApiObject, isFields } from "../../kubernetes/object.ts";
import { pathOf } from "../../kubernetes/resource.ts";

const RESOURCE = { group: "", version: "v1", plural: "nodes" } as const;

export const NODES_PATH = pathOf(RESOURCE);

export function nodePath(name: string, subresource?: "status"): string {
  return pathOf(RESOURCE, { name, subresource });
}

export interface KubernetesNode {
  readonly uid: string;
  /** The first InternalIP of each family. */
  readonly addresses: readonly Address[];
  /** `spec.podCIDRs`, one of each family. */
  readonly podCidrs: readonly Prefix[];
  /** The condition NetworkUnavailable is False: pods may be scheduled to it. */
  readonly isNetworkAvailable: boolean;
}

export function toKubernetesNode({ metadata: { uid }, spec, status }: ApiObject): KubernetesNode {
  const { podCIDR, podCIDRs } = fieldsOf(spec);
  const { addresses, conditions } = fieldsOf(status);
  return {
    uid,
    addresses: firstOfFamily(
      listOf(addresses)
        .filter(({ type }) => type === "InternalIP")
        .flatMap(({ address }) => toNodeAddress(address) ?? []),
      (address) => address.family,
    ),
    podCidrs: firstOfFamily(
      (Array.isArray(podCIDRs) ? podCIDRs : [podCIDR]).flatMap((cidr) => toRange(cidr) ?? []),
      ({ address }) => address.family,
    ),
    isNetworkAvailable: listOf(conditions).some(
      ({ type, status: is }) => type === "NetworkUnavailable" && is === "False",
    ),
  };
}

function fieldsOf(value: unknown): AnyFields {
  return isFields(value) ? value : {};
}

function listOf(value: unknown): AnyFields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function toNodeAddress(value: unknown): Address | undefined {
  const address = typeof value === "string" ? parseAddress(value) : undefined;
  return address === undefined || isLinkLocal(address) ? undefined : address;
}

function toRange(value: unknown): Prefix | undefined {
  const prefix = typeof value === "string" ? parsePrefix(value) : undefined;
  return prefix !== undefined && formatPrefix(networkOf(prefix)) === formatPrefix(prefix)
    ? prefix
    : undefined;
}

function firstOfFamily<T>(values: readonly T[], familyOf: (value: T) => number): T[] {
  return values.filter(
    (value, index) => values.findIndex((other) => familyOf(other) === familyOf(value)) === index,
  );
}
