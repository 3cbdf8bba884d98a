/** Where commands find the nodes of the cluster: in files, in the Kubernetes API, or in what the agent tells of it. */

import { isAgentRunning } from "../../agent/alone.ts";
import { findNodeNetwork, listNodeNetworks } from "../../cluster/kubernetes/node-network.ts";
import { NODES } from "../../cluster/nodes/files.ts";
import { decodeNode } from "../../cluster/nodes/format.ts";
import type { ClusterNode } from "../../cluster/nodes/node.ts";
import { type ClusterStatus, type NodeStatus, readStatus } from "../../cluster/status.ts";
import type { ApiClient } from "../../kubernetes/client.ts";
import { listObjects, readObject } from "../../network/files/read-files.ts";
import { documentOf } from "../../network/format/document.ts";
import { present } from "../../network/format/forms.ts";
import { openApi } from "../api.ts";
import type { Option } from "../command.ts";
import { refused } from "../failure.ts";

/** Of the command line; without them the agent's status says where the nodes are. */
export interface OriginOptions {
  readonly configDir: string;
  /** The files, whatever the agent follows. */
  readonly local?: true;
  /** Of the API that is asked. */
  readonly kubeconfig?: string;
}

export const LOCAL_OPTION: Option = {
  flags: "--local",
  description: "the files of this node, also where the nodes are those of Kubernetes",
};

interface Listed {
  readonly nodes: readonly ClusterNode[];
  /** What could not be read. */
  readonly faults: readonly unknown[];
  /** For people, where this may not be all. */
  readonly note?: string | undefined;
}

/** Each may throw what its place throws. */
export interface Origin {
  list(): Listed | Promise<Listed>;
  get(name: string): ClusterNode | undefined | Promise<ClusterNode | undefined>;
}

/** @throws {InvalidAccess} */
export async function openOrigin(options: OriginOptions): Promise<Origin> {
  const status = options.local === true ? undefined : readStatus();
  const kubeconfig = options.local === true ? undefined : kubeconfigOf(options, status);
  if (kubeconfig !== undefined) return inApi(await openApi(kubeconfig));
  return status?.source === "kubernetes" ? inStatus(status) : inFiles(options.configDir);
}

/** @throws {Failure} the nodes are those of Kubernetes, which a file does not change */
export function requireFiles({ local }: Pick<OriginOptions, "local">): void {
  if (local === true || readStatus()?.source !== "kubernetes") return;
  throw refused(
    "the nodes of this cluster are those of Kubernetes",
    "kubectl get nodes shows them, and kubectl delete node forgets one; --local means the files nevertheless",
  );
}

/** Where the agent follows files only who says so asks the API. */
function kubeconfigOf({ kubeconfig }: OriginOptions, status: ClusterStatus | undefined): string | undefined {
  if (kubeconfig !== undefined) return kubeconfig;
  return status?.source === "files" ? undefined : process.env.KUBECONFIG || undefined;
}

function inFiles(configDir: string): Origin {
  return {
    list: () => {
      const { objects: nodes, faults } = listObjects(configDir, NODES);
      return { nodes, faults };
    },
    get: (name) => readObject(configDir, NODES, { name }),
  };
}

function inApi(client: ApiClient): Origin {
  return { list: () => listNodeNetworks(client), get: (name) => findNodeNetwork(client, name) };
}

function inStatus({ nodes: told, isComplete, updated }: ClusterStatus): Origin {
  const nodes = told.map(toNode);
  const incomplete = isComplete ? undefined : "podwire agent has not heard of all nodes yet";
  return {
    list: () => ({
      nodes,
      faults: [],
      note: isAgentRunning() ? incomplete : `podwire agent does not run: these are the nodes of ${updated}`,
    }),
    get: (name) => nodes.find((node) => node.name === name),
  };
}

function toNode({ name, addresses, ranges, uplinkMtu: mtu, mac }: NodeStatus): ClusterNode {
  return decodeNode(
    documentOf(`status of node ${name}`, present<object>({ addresses, ranges, mtu, mac })),
    name,
  );
}
