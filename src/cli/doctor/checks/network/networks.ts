/** Networks by name: whether their files say what they must, and the node has what they stand on. */

import { uplinkBridgeOf, whyNoPort } from "../../../../attachment/kinds/uplink.ts";
import type { Link } from "../../../../link/link.ts";
import { rtnetlink } from "../../../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../../../netlink/socket.ts";
import { defaultNetworkFile } from "../../../../network/files/read-files.ts";
import type { UplinkUse } from "../../../../network/format/attach/kind.ts";
import { uplinkUseOf } from "../../../../network/format/attach/kinds.ts";
import { describeMisfit } from "../../../../network/format/endpoint.ts";
import { type Endpoint, type Network, uplinkOf } from "../../../../network/model.ts";
import { findOverlap, type Occupied } from "../../../../network/overlap.ts";
import { readSurroundings } from "../../../network/pod-networks.ts";
import { type Check, count, type Finding, fault, orOk } from "../../finding.ts";
import type { NamedObjects } from "../../named.ts";

const GROUP = "configuration";

export const NETWORK_CHECKS: readonly Check[] = [
  {
    group: GROUP,
    name: "networks",
    run: ({ named, directories }) =>
      judgeNetworks(
        named(),
        readSurroundings(directories.confDir).occupied,
        defaultNetworkFile(directories.configDir),
      ),
  },
  {
    group: GROUP,
    name: "uplinks",
    run: ({ named, links }) =>
      judgeUplinks(named().networks, links(), readMisuses(named().networks, links())),
  },
];

export function judgeNetworks(
  { networks, endpoints, defaultNetwork, faults }: NamedObjects,
  occupied: readonly Occupied[],
  defaultFile: string,
): Finding[] {
  /** Of those whose file is wrong no more need be said. */
  const isMissing = (name: string) =>
    !networks.some((network) => network.name === name) &&
    !faults.some(({ file }) => file.endsWith(`/networks/${name}.json`));
  const troubles = [
    ...faults.map(({ message, file }) =>
      fault(message, {
        meaning:
          "ADDs of pods that ask for it fail with this message (code 7): correct the file, or take it away",
        command: `rm ${file}`,
      }),
    ),
    ...(defaultNetwork !== undefined && isMissing(defaultNetwork)
      ? [noDefault(defaultNetwork, defaultFile)]
      : []),
    ...networks.flatMap((network, index) => judgeOverlap(network, networks.slice(index + 1), occupied)),
    ...endpoints.flatMap((endpoint) => judgeEndpoint(endpoint, networks, isMissing(endpoint.network))),
  ];
  return orOk(troubles, describeCount(networks, endpoints));
}

function describeCount(networks: readonly Network[], endpoints: readonly Endpoint[]): string {
  if (networks.length === 0) return "no networks by name";
  return `${count(networks.length, "network")} by name, with ${count(endpoints.length, "endpoint")}`;
}

function noDefault(name: string, file: string): Finding {
  return fault(`the default network is "${name}", and there is none of that name`, {
    meaning:
      "pods that ask for no network by name fail (code 7): create it, or let them have the runtime's bridge again",
    command: `rm ${file}`,
  });
}

function judgeOverlap(
  network: Network,
  others: readonly Network[],
  occupied: readonly Occupied[],
): Finding[] {
  const overlap = findOverlap(network, others, occupied);
  if (overlap === undefined) return [];
  return [
    fault(`network "${network.name}" ${overlap}`, {
      meaning:
        "two pods may get the same address: delete one of them, and create it with addresses of its own",
      command: `podwire network delete ${network.name}`,
    }),
  ];
}

function judgeEndpoint(
  { namespace, name, network: wanted, addresses }: Endpoint,
  networks: readonly Network[],
  isMissing: boolean,
): Finding[] {
  const network = networks.find((candidate) => candidate.name === wanted);
  const misfit = network && describeMisfit(addresses, network);
  const problem = isMissing ? `there is no network "${wanted}"` : misfit;
  if (problem === undefined) return [];
  return [
    fault(`endpoint "${namespace}/${name}": ${problem}`, {
      meaning: "pods that ask for this endpoint fail (code 7): delete it, and create it again",
      command: `podwire endpoint delete ${name} --ns ${namespace}`,
    }),
  ];
}

/** By uplink: why the bridge of a network could not have it as its port. */
type Misuses = ReadonlyMap<string, string>;

function readMisuses(networks: readonly Network[], links: readonly Link[]): Misuses {
  using host = NetlinkSocket.open(rtnetlink);
  const misuses = new Map<string, string>();
  for (const { attach } of networks) {
    const link = links.find(({ ifname }) => ifname === uplinkOf(attach));
    if (link === undefined || uplinkUseOf(attach) !== "port") continue;
    const reason = whyNoPort(host, link, uplinkBridgeOf(link.ifname));
    if (reason !== undefined) misuses.set(link.ifname, reason);
  }
  return misuses;
}

export function judgeUplinks(
  networks: readonly Network[],
  links: readonly Link[],
  misuses: Misuses,
): Finding[] {
  const troubles = networks.flatMap(({ name, attach }) => {
    const uplink = uplinkOf(attach);
    if (uplink === undefined) return [];
    const link = links.find(({ ifname }) => ifname === uplink);
    const problem = problemOf(uplink, uplinkUseOf(attach), link, misuses);
    if (problem === undefined) return [];
    return [
      fault(`network "${name}": uplink "${uplink}" ${problem.text}`, {
        meaning: "pods of this network fail",
        command: problem.command,
      }),
    ];
  });
  return orOk(troubles, "the uplinks of networks are there");
}

function problemOf(uplink: string, use: UplinkUse, link: Link | undefined, misuses: Misuses) {
  if (link === undefined)
    return {
      text: "does not exist on this node",
      command: "plug it in, or correct attach.uplink; podwire network get NAME shows it",
    };
  const misuse = misuses.get(uplink);
  if (misuse !== undefined)
    return { text: misuse, command: "want an interface for pods alone, or --attach macvlan" };
  if (use === "lower device" && !link.isUp)
    return { text: "is down", command: `ip link set dev ${uplink} up` };
  return undefined;
}
