/** What is on this node that options and arguments can name. */

import { formatAddress } from "../../addr/address.ts";
import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { NODES } from "../../cluster/nodes/files.ts";
import { readStatus } from "../../cluster/status.ts";
import { listLinks } from "../../link/link.ts";
import { SYSFS } from "../../linux/sysfs.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import {
  CONFIG_DIR,
  listEndpoints,
  listNetworks,
  listObjects,
  listTiers,
} from "../../network/files/read-files.ts";
import { listHolders, type NodeFacts } from "../../node/holders.ts";
import { listPools } from "../../node/pools.ts";
import { CLAIMS_ROOT, listClaims } from "../../sriov/claims.ts";
import { listPfs } from "../../sriov/sysfs.ts";
import type { NodeSource } from "../command.ts";
import { shortId } from "../format.ts";
import type { Candidate, Place, ReadSource } from "./complete.ts";

type Given = Place["given"];

const SOURCES: Readonly<Record<NodeSource, (given: Given) => readonly Candidate[]>> = {
  addresses,
  "addresses or attachments": (given) => [...addresses(given), ...attachments()],
  attachments,
  containers,
  endpoints,
  "held VFs": heldFunctions,
  interfaces,
  "interfaces of pods": () => distinct(records().map(({ ifname }) => ifname)),
  namespaces: (given) => distinct(endpointsOf(given).map(({ namespace }) => namespace)),
  "network groups": (given) => ofNetworks(given, ({ group }) => group),
  "network types": (given) => [
    ...plain(["public", "private"]),
    ...ofNetworks(given, (network) => network.type),
  ],
  networks,
  nodes,
  PFs: pfs,
  pods,
  pools,
  tiers,
  zones: (given) => ofNetworks(given, ({ zone }) => zone),
};

export const valuesOnNode: ReadSource = (source, { given }) => {
  if (source === "anything") return [];
  return source === "file" || source === "directory" ? source : SOURCES[source](given);
};

/** Those of Kubernetes are known by the agent alone. */
function nodes(given: Given): readonly Candidate[] {
  const status = readStatus();
  const isApi = status?.source === "kubernetes" && given["--local"] === undefined;
  const known = isApi ? status.nodes : listObjects(configDirOf(given), NODES).objects;
  return plain(known.map(({ name }) => name));
}

function configDirOf(given: Given): string {
  return given["--config-dir"] ?? CONFIG_DIR;
}

function records(): AttachmentRecord[] {
  return listRecords();
}

function pods(): readonly Candidate[] {
  const named = records().flatMap(({ pod }) => (pod === undefined ? [] : `${pod.namespace}/${pod.name}`));
  return distinct(named);
}

function containers(): readonly Candidate[] {
  return records()
    .filter(({ primary }) => primary === undefined)
    .map(({ containerId, pod, ifname }) => ({
      value: shortId(containerId),
      description: pod === undefined ? ifname : `${pod.namespace}/${pod.name}`,
    }));
}

function attachments(): readonly Candidate[] {
  return [...pods(), ...containers()];
}

function networks(given: Given): readonly Candidate[] {
  const { networks } = listNetworks(configDirOf(given));
  return networks.map(({ name, type = "" }) => ({ value: name, description: type }));
}

/** Networks by name and of the runtime's configurations. */
function pools(given: Given): readonly Candidate[] {
  return distinct(listPools(configDirOf(given)).map(({ network }) => network));
}

function ofNetworks(
  given: Given,
  field: (network: ReturnType<typeof listNetworks>["networks"][number]) => string | undefined,
): readonly Candidate[] {
  return distinct(listNetworks(configDirOf(given)).networks.flatMap((network) => field(network) ?? []));
}

function tiers(given: Given): readonly Candidate[] {
  return plain(listTiers(configDirOf(given)).tiers.map(({ name }) => name));
}

function endpointsOf(given: Given) {
  return listEndpoints(configDirOf(given)).endpoints;
}

function endpoints(given: Given): readonly Candidate[] {
  const namespace = given["--ns"] ?? "default";
  return endpointsOf(given)
    .filter((endpoint) => endpoint.namespace === namespace)
    .map(({ name, network }) => ({ value: name, description: `of network ${network}` }));
}

/** Of the network that is given, or of all. */
function addresses(given: Given): readonly Candidate[] {
  const facts: NodeFacts = { recordOf: () => undefined, isLive: () => false, isOnInterface: () => true };
  return listPools(configDirOf(given))
    .filter(({ network }) => given["--network"] === undefined || network === given["--network"])
    .flatMap((pool) =>
      listHolders(pool, facts).map(({ address }) => ({
        value: formatAddress(address),
        description: pool.network,
      })),
    );
}

function interfaces(): readonly Candidate[] {
  using socket = NetlinkSocket.open(rtnetlink);
  return listLinks(socket).map(({ ifname, kind }) => ({ value: ifname, description: kind ?? "" }));
}

function pfs(): readonly Candidate[] {
  return listPfs(SYSFS).map(({ ifname, pciAddress, numVfs }) => ({
    value: ifname,
    description: `${pciAddress}, ${numVfs} VFs`,
  }));
}

function heldFunctions(): readonly Candidate[] {
  return [...listClaims(CLAIMS_ROOT)].map(([pciAddress, { owner }]) => ({
    value: pciAddress,
    description: owner,
  }));
}

function plain(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, description: "" }));
}

function distinct(values: readonly string[]): readonly Candidate[] {
  return plain([...new Set(values)].sort());
}
