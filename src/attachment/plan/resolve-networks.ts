/** The networks that a pod asks for, from the files of networks, tiers and endpoints on this node. */

import type { PodName } from "../../cni/arguments.ts";
import {
  type NetworkSelection,
  OWN_BRIDGE,
  type Selections,
  type TierSelection,
} from "../../cni/netconf/selection.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import {
  ENDPOINTS,
  listEndpoints,
  listNetworks,
  listTiers,
  readDefaultNetwork,
  readEndpoint,
  readNetwork,
  readTier,
} from "../../network/files/read-files.ts";
import { describeMisfit } from "../../network/format/endpoint.ts";
import { BEST_EFFORT } from "../../network/format/perf-tier.ts";
import type { Endpoint, Network, PerfTier } from "../../network/model.ts";
import { listReserved, POOL_DIR, usageOf } from "../../network/usage.ts";
import type { RecordedNetwork } from "../record/record.ts";
import { configDirOf, type PlanInput, type ResolvedNetwork } from "./input.ts";

const DEFAULT_NAMESPACE = "default";

/**
 * One for each of the pod's interfaces, in order; undefined: the configuration's own bridge.
 * @throws {CniError} 7 unknown names, 11 no address is left; {@link InvalidFile}
 */
export function resolveNetworks(input: PlanInput): readonly ResolvedNetwork[] | undefined {
  const configDir = configDirOf(input);
  const selections = input.netconf.selections ?? defaultSelection(input.netconf.tier, configDir);
  if (selections === OWN_BRIDGE) return undefined;
  return selections.map((selection) => resolve(selection, input, configDir));
}

/** What was chosen when the attachment was made, as its files are now. @throws {CniError} 7: they are gone */
export function resolveAgain({ name, tier, endpoint }: RecordedNetwork, configDir: string): ResolvedNetwork {
  const target = { kind: "network", name } as const;
  const selection: NetworkSelection = {
    path: "the attachment's record",
    target,
    perfTier: tier,
    metric: undefined,
  };
  const [namespace = "", endpointName = ""] = endpoint?.split("/") ?? [];
  const kept = endpoint === undefined ? undefined : readEndpoint(configDir, namespace, endpointName);
  return {
    network: requireNetwork(name, selection, configDir),
    tier: requireTier(selection, configDir),
    ...(kept === undefined ? {} : { endpoint: kept }),
  };
}

/** A tier that is named alone is that of the default network. */
function defaultSelection(tier: TierSelection | undefined, configDir: string): Selections {
  const name = readDefaultNetwork(configDir);
  if (name === undefined && tier !== undefined) throw withoutNetwork(tier);
  if (name === undefined) return OWN_BRIDGE;
  if (tier !== undefined) requireTier(tier, configDir);
  const path = `${configDir}/default-network`;
  return [{ path, target: { kind: "network", name }, perfTier: tier?.perfTier, metric: undefined }];
}

function withoutNetwork({ path, perfTier }: TierSelection): CniError {
  const problem = `${path}: performance tier "${perfTier}" is asked for, and no network; there is no default network`;
  return new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    "want a network beside it, or podwire network update NAME --set-default",
  );
}

function resolve(selection: NetworkSelection, input: PlanInput, configDir: string): ResolvedNetwork {
  const { kind, name } = selection.target;
  const tier = requireTier(selection, configDir);
  const metric = selection.metric === undefined ? {} : { metric: selection.metric };
  if (kind === "network") return { network: requireNetwork(name, selection, configDir), tier, ...metric };
  if (kind === "networkGroup")
    return { network: requireMember(name, selection, input.netconf.zone, configDir), tier, ...metric };
  const pod = podOf(input);
  const endpoint =
    kind === "endpointId"
      ? byName(selection, pod.namespace, configDir)
      : byOrdinal(selection, pod, configDir);
  const network = requireNetwork(endpoint.network, selection, configDir);
  requireFit(endpoint, network, selection);
  return { network, tier, endpoint, ...metric };
}

/** The network's ranges may have been changed after the endpoint was made. */
function requireFit(
  { namespace, name, addresses }: Endpoint,
  network: Network,
  { path }: NetworkSelection,
): void {
  const misfit = describeMisfit(addresses, network);
  if (misfit === undefined) return;
  const problem = `${path}: endpoint "${namespace}/${name}": ${misfit}`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    "delete the endpoint and create it again, or correct its file",
  );
}

function requireTier(
  { perfTier = BEST_EFFORT, path }: Pick<NetworkSelection, "perfTier" | "path">,
  configDir: string,
): PerfTier {
  const tier = readTier(configDir, perfTier);
  if (tier !== undefined) return tier;
  const names = listTiers(configDir).tiers.map((known) => known.name);
  throw unknown(path, "performance tier", perfTier, names, "podwire perf-tier create");
}

function requireNetwork(name: string, { path }: NetworkSelection, configDir: string): Network {
  const network = readNetwork(configDir, name);
  if (network !== undefined) return network;
  const names = listNetworks(configDir).networks.map((known) => known.name);
  throw unknown(path, "network", name, names, "podwire network create");
}

function unknown(
  path: string,
  kind: string,
  name: string,
  known: readonly string[],
  command: string,
): CniError {
  const list = known.length === 0 ? "there is none" : `there are ${known.join(", ")}`;
  return new CniError(
    CNI_ERROR.invalidNetconf,
    `${path}: no ${kind} has the name "${name}"`,
    `${list}; ${command} makes one`,
  );
}

/** The member of a group in this node's zone that has most addresses left. */
function requireMember(group: string, { path }: NetworkSelection, zone: string, configDir: string): Network {
  const { networks, faults } = listNetworks(configDir);
  const members = networks.filter((network) => network.group === group);
  if (members.length === 0) {
    if (faults[0] !== undefined) throw faults[0]; // it may be the one that has the group
    const groups = new Set(networks.flatMap((network) => network.group ?? []));
    throw unknown(path, "network group", group, [...groups], "podwire network create --network-group");
  }
  const names = members.map((network) => network.name).join(", ");
  const here = members.filter((network) => zone === "" || (network.zone ?? zone) === zone);
  if (here.length === 0) {
    const problem = `${path}: no network of group "${group}" is in zone "${zone}": ${names}`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, `podwire network create -n ${group} -z ${zone}`);
  }
  const { endpoints } = listEndpoints(configDir);
  const [most] = here
    .map((network) => ({ network, free: countFree(network, endpoints) }))
    .sort((a, b) => b.free - a.free);
  if (most !== undefined && most.free > 0) return most.network;
  throw new CniError(
    CNI_ERROR.tryAgainLater,
    `${path}: no free address in any network of group "${group}": ${names}`,
    "delete pods, or extend a network: podwire network update NAME --end ADDRESS",
  );
}

/** Of the family that has fewest: a pod gets one of each. */
function countFree(network: Network, endpoints: readonly Endpoint[]): number {
  const usages = usageOf(network, listReserved(POOL_DIR, network.name), endpoints);
  return Math.min(...usages.map(({ total, used }) => Number(total) - used));
}

type PodKey = Pick<PodName, "namespace" | "name">;

/** A container that is no pod of Kubernetes counts as one of the default namespace. */
function podOf({ netconf: { namespace, pod } }: PlanInput): PodKey {
  return { namespace: namespace || DEFAULT_NAMESPACE, name: pod?.name ?? "" };
}

function byName(
  { path, target: { name } }: NetworkSelection,
  namespace: string,
  configDir: string,
): Endpoint {
  const endpoint = readEndpoint(configDir, namespace, name);
  if (endpoint !== undefined) return endpoint;
  const names = endpointsOf(namespace, configDir).map((known) => known.name);
  throw unknown(path, `endpoint of namespace "${namespace}"`, name, names, "podwire endpoint create");
}

/** Replica k takes the k-th endpoint of the prefix. */
function byOrdinal({ target, path }: NetworkSelection, pod: PodKey, configDir: string): Endpoint {
  const ordinal = /-(\d+)$/.exec(pod.name)?.[1];
  if (ordinal === undefined) {
    const problem = `${path}.endpointPrefix: pod "${pod.name}" has no ordinal at the end of its name`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want a StatefulSet's pod, or endpointId");
  }
  const group = endpointsWithPrefix(pod.namespace, target.name, configDir);
  const endpoint = group[Number(ordinal)];
  if (endpoint !== undefined) return endpoint;
  const problem = `${path}.endpointPrefix: replica ${ordinal} finds ${group.length} endpoints "${target.name}…" in namespace "${pod.namespace}"`;
  throw new CniError(CNI_ERROR.invalidNetconf, problem, "podwire endpoint create makes more of them");
}

/** In the order of their numbers. @throws {InvalidFile} without it the others would be in other places */
function endpointsWithPrefix(namespace: string, prefix: string, configDir: string): Endpoint[] {
  const { endpoints, faults } = listEndpoints(configDir);
  const fault = faults.find(({ file }) =>
    file.startsWith(`${configDir}/${ENDPOINTS.directory}/${namespace}.${prefix}`),
  );
  if (fault !== undefined) throw fault;
  return endpoints
    .filter((endpoint) => endpoint.namespace === namespace && endpoint.name.startsWith(prefix))
    .sort(byNumber);
}

function endpointsOf(namespace: string, configDir: string): Endpoint[] {
  return listEndpoints(configDir).endpoints.filter((endpoint) => endpoint.namespace === namespace);
}

/** web-2 before web-10; without the runtime's collation tables, which take milliseconds to load. */
function byNumber(a: Endpoint, b: Endpoint): number {
  const [left, right] = [split(a.name), split(b.name)];
  if (left.stem === right.stem) return left.number - right.number;
  return left.stem < right.stem ? -1 : 1;
}

function split(name: string): { readonly stem: string; readonly number: number } {
  const [, stem = name, digits = "-1"] = /^(.*?)(\d+)$/.exec(name) ?? [];
  return { stem, number: Number(digits) };
}
