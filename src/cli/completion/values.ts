/** What options and arguments can be given on this node. */

import { formatAddress } from "../../addr/address.ts";
import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { listLinks } from "../../link/link.ts";
import { SYSFS } from "../../linux/sysfs.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { CONFIG_DIR, listEndpoints, listNetworks, listTiers } from "../../network/files/read-files.ts";
import { listHolders, type NodeFacts } from "../../node/holders.ts";
import { listPools } from "../../node/pools.ts";
import { CLAIMS_ROOT, listClaims } from "../../sriov/claims.ts";
import { listPfs } from "../../sriov/sysfs.ts";
import { GROUPS } from "../doctor/checks.ts";
import { shortId } from "../format.ts";
import { RUNTIMES } from "../install/runtimes.ts";
import type { Candidate, Candidates, Place, Values } from "./complete.ts";

type Given = Place["given"];
type Source = Candidates | ((given: Given) => readonly Candidate[]);

/** Where nothing can be foretold: numbers, new names, addresses of somebody's choice. */
const ANYTHING: Source = [];

/** By argument with its command, or by option; by option with its command where commands differ. */
const SOURCES: Readonly<Record<string, Source>> = {
  "--bandwidth": ANYTHING,
  "--bin-dir": "folder",
  "--bridge": interfaces,
  "--conf": "file",
  "--conf-dir": "folder",
  "--conf-name": ANYTHING,
  "--config-dir": "folder",
  "--container": containers,
  "--cri": "file",
  "--end": ANYTHING,
  "--gateway": ANYTHING,
  "--iops": ANYTHING,
  "--ip": ANYTHING,
  "--labels": ANYTHING,
  "--link": plain(["net-script"]),
  "--listen": ANYTHING,
  "--max-bandwidth": ANYTHING,
  "--max-iops": ANYTHING,
  "--mtu": ANYTHING,
  "--network": pools,
  "--network-group": (given) => ofNetworks(given, ({ group }) => group),
  "--ns": (given) => distinct(endpointsOf(given).map(({ namespace }) => namespace)),
  "--pf": pfs,
  "--plugin-dir": "folder",
  "--pod": pods,
  "--pod-cidr": ANYTHING,
  "--port": ANYTHING,
  "--runtime": plain(RUNTIMES.map(({ name }) => name)),
  "--set": ANYTHING,
  "--start": ANYTHING,
  "--subnet": ANYTHING,
  "--type": (given) => [...plain(["public", "private"]), ...ofNetworks(given, (network) => network.type)],
  "--uplink": interfaces,
  "--vfs": ANYTHING,
  "--vlan": ANYTHING,
  "--vlan-qos": ANYTHING,
  "--zone": (given) => ofNetworks(given, ({ zone }) => zone),
  "addresses network": pools,
  "attachment name": attachments,
  "complete words": ANYTHING,
  "doctor groups": plain(GROUPS),
  "endpoint create --network": networks,
  "endpoint create name": ANYTHING,
  "endpoint delete name": endpoints,
  "endpoint get name": endpoints,
  "network create name": ANYTHING,
  "network delete name": networks,
  "network get name": networks,
  "network update name": networks,
  "perf-tier create name": ANYTHING,
  "perf-tier delete name": tiers,
  "perf-tier get name": tiers,
  "release name": (given) => [...addresses(given), ...attachments()],
  "trace --interface": () => distinct(records().map(({ ifname }) => ifname)),
  "trace address": addresses,
  "trace attachment": attachments,
  "vf release pciAddress": heldFunctions,
  "vf set-count number": ANYTHING,
  "vf set-count pf": pfs,
};

export const valuesOnNode: Values = (place) => {
  const source = sourceOf(place) ?? ANYTHING;
  return typeof source === "function" ? source(place.given) : source;
};

/** Undefined where nobody has thought of it. */
export function sourceOf({ command, name }: Pick<Place, "command" | "name">): Source | undefined {
  return SOURCES[`${command} ${name}`] ?? (name.startsWith("--") ? SOURCES[name] : undefined);
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
