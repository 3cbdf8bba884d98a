/** How a node's part in the cluster stands: what the agent writes down, and commands show. */

import { formatAddress } from "../addr/address.ts";
import { formatPrefix } from "../addr/prefix.ts";
import { replaceAtomic } from "../linux/atomic-file.ts";
import { makeDirectory } from "../linux/directory.ts";
import { readTextFileIfAny } from "../linux/file.ts";
import type { NodeOrigin } from "./config/config.ts";
import type { Peer } from "./model/peer.ts";
import { type ClusterNode, macOfName } from "./nodes/node.ts";

/** What the agent tells commands and plugin calls. */
const CLUSTER_DIR = "/run/podwire/.cluster";
export const STATUS_FILE = `${CLUSTER_DIR}/status.json`;

type NodeState = "self" | "ready" | "problem";

export interface NodeStatus {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ranges: readonly string[];
  /** Bytes that pass its uplink; absent: it has not said. */
  readonly uplinkMtu?: number;
  /** Of its ends of tunnels, where it is not the one made from the name. */
  readonly mac?: string;
  /** How its pods are reached, for each family of theirs where these differ: `direct`, `vxlan`; empty for this node. */
  readonly transport: readonly string[];
  /** Bytes that pass to its pods; of this node: of its pods' interfaces. */
  readonly mtu: number | null;
  readonly state: NodeState;
  /** RFC 3339: when that state began. */
  readonly since: string;
  readonly problems: readonly string[];
}

export interface ClusterStatus {
  /** RFC 3339. */
  readonly updated: string;
  /** Name of this node. */
  readonly node: string;
  /** Where the nodes come from. */
  readonly source: NodeOrigin;
  /** URL of the Kubernetes API server that they come from. */
  readonly apiServer?: string;
  readonly isComplete: boolean;
  /** Of this node, for people; empty: all is well. */
  readonly problems: readonly string[];
  /** What a person should know, while pods are served. */
  readonly warnings: readonly string[];
  /** This node first. */
  readonly nodes: readonly NodeStatus[];
}

interface StatusInput {
  readonly name: string;
  readonly source: NodeOrigin;
  readonly apiServer: string | undefined;
  readonly own: ClusterNode | undefined;
  readonly podMtu: number | undefined;
  readonly peers: readonly Peer[];
  readonly isComplete: boolean;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly now: Date;
}

/** `before`: what a state's beginning is taken from. */
export function toStatus(input: StatusInput, before: ClusterStatus | undefined): ClusterStatus {
  const { name, source, apiServer, own, peers, isComplete, problems, warnings, now } = input;
  const former = new Map(before?.nodes.map((node) => [node.name, node]));
  const dated = (node: Omit<NodeStatus, "since">): NodeStatus => {
    const was = former.get(node.name);
    return { ...node, since: was?.state === node.state ? was.since : now.toISOString() };
  };
  const self = own === undefined ? [] : [dated(ownStatus(own, input))];
  const others = peers.map((peer) => dated(peerStatus(peer)));
  const nodes = [...self, ...others];
  const origin = { source, ...(apiServer === undefined ? {} : { apiServer }) };
  return { updated: now.toISOString(), node: name, ...origin, isComplete, problems, warnings, nodes };
}

function ownStatus(node: ClusterNode, { podMtu, problems }: StatusInput) {
  const state = problems.length === 0 ? "self" : "problem";
  return { ...describe(node), transport: [], mtu: podMtu ?? null, state, problems } as const;
}

function peerStatus({ node, ways, problems }: Peer) {
  const used = ways.map(({ way }) => way).filter((way) => way.kind !== "none");
  return {
    ...describe(node),
    transport: [...new Set(used.map(({ kind }) => kind))],
    mtu: used.length === 0 ? null : Math.min(...used.map(({ mtu }) => mtu)),
    state: problems.length === 0 ? "ready" : "problem",
    problems,
  } as const;
}

function describe({ name, addresses, ranges, mtu, mac }: ClusterNode) {
  return {
    name,
    addresses: addresses.map(formatAddress),
    ranges: ranges.map(formatPrefix),
    ...(mtu === undefined ? {} : { uplinkMtu: mtu }),
    ...(mac === macOfName(name) ? {} : { mac }),
  };
}

export function writeStatus(status: ClusterStatus): void {
  makeDirectory(CLUSTER_DIR);
  replaceAtomic(STATUS_FILE, `${JSON.stringify(status)}\n`);
}

/** What the agent has written last; undefined where there is none, or it is of another version. */
export function readStatus(): ClusterStatus | undefined {
  const text = readTextFileIfAny(STATUS_FILE);
  if (text === undefined) return undefined;
  try {
    const status: ClusterStatus = JSON.parse(text);
    return [status.nodes, status.warnings].every(Array.isArray) ? status : undefined;
  } catch {
    return undefined; // safe: the agent writes it anew
  }
}
