/** NodeNetwork, the custom resource by which a node tells the others how its pods are reached. */

import type { ApiClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/error.ts";
import { type ApiObject, isFields } from "../../kubernetes/object.ts";
import { pathOf } from "../../kubernetes/resource.ts";
import { documentOf } from "../../network/format/document.ts";
import { decodeNode, encodeNode, NODE_FIELDS } from "../nodes/format.ts";
import type { ClusterNode } from "../nodes/node.ts";
import type { KubernetesNode } from "./node-object.ts";

const GROUP = "podwire.io";
const VERSION = "v1alpha1";
const RESOURCE = { group: GROUP, version: VERSION, plural: "nodenetworks" } as const;

export const NODE_NETWORKS = pathOf(RESOURCE);

export function nodeNetworkPath(name: string): string {
  return pathOf(RESOURCE, { name });
}

/**
 * Fields that this version does not know are passed over: the other node's podwire may be newer.
 * @throws {InvalidFile} naming object and field
 */
export function decodeNodeNetwork({ metadata: { name }, spec }: ApiObject): ClusterNode {
  const fields = isFields(spec) ? spec : {};
  const known = NODE_FIELDS.filter((key) => fields[key] !== undefined).map((key) => [key, fields[key]]);
  return decodeNode(documentOf(`NodeNetwork ${name}`, Object.fromEntries(known)), name);
}

/** All that there are now, and what of them cannot be read. */
export async function listNodeNetworks(client: ApiClient) {
  const { items } = await client.list(NODE_NETWORKS);
  const nodes: ClusterNode[] = [];
  const faults: unknown[] = [];
  for (const item of items)
    try {
      nodes.push(decodeNodeNetwork(item));
    } catch (error) {
      faults.push(error);
    }
  return { nodes, faults };
}

/** Undefined where there is none of that name. @throws {InvalidFile} */
export async function findNodeNetwork(client: ApiClient, name: string): Promise<ClusterNode | undefined> {
  try {
    return decodeNodeNetwork(await client.get(nodeNetworkPath(name)));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** As it is written: it goes with its Node. */
export function encodeNodeNetwork(node: ClusterNode, { uid }: Pick<KubernetesNode, "uid">): object {
  const { name, ...spec } = encodeNode(node);
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: "NodeNetwork",
    metadata: { name, ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid }] },
    spec,
  };
}

/** Whether the object is as {@link encodeNodeNetwork} writes it for the node. */
export function saysNode(
  object: ApiObject,
  node: ClusterNode,
  { uid }: Pick<KubernetesNode, "uid">,
): boolean {
  const { ownerReferences } = object.metadata as { ownerReferences?: unknown };
  const owners = Array.isArray(ownerReferences) ? ownerReferences : [];
  if (!owners.some((owner) => isFields(owner) && owner.uid === uid)) return false;
  try {
    return JSON.stringify(encodeNode(decodeNodeNetwork(object))) === JSON.stringify(encodeNode(node));
  } catch {
    return false; // what cannot be read is written anew
  }
}
