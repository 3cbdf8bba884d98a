/** Endpoints as people and programs see them. */

import { formatAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { listNetworks } from "../../network/files/read-files.ts";
import { encodeEndpoint } from "../../network/format/endpoint.ts";
import { rangeHas } from "../../network/format/range.ts";
import type { Endpoint, Network } from "../../network/model.ts";
import { shortId } from "../format.ts";
import { formatLabels } from "../labels.ts";
import type { View } from "../print.ts";
import { findPlaces, type Place } from "./attached.ts";

/** An endpoint with what is not in its file. */
export interface ListedEndpoint {
  readonly endpoint: Endpoint;
  /** Undefined where its network is gone, or the network's file is wrong. */
  readonly network: Network | undefined;
  /** Undefined where no pod uses it. */
  readonly place: Place | undefined;
}

/** The endpoints with their networks and the pods that use them. */
export function withPlaces(configDir: string, endpoints: readonly Endpoint[]): ListedEndpoint[] {
  const networks = new Map(listNetworks(configDir).networks.map((network) => [network.name, network]));
  const places = findPlaces(endpoints);
  return endpoints.map((endpoint, index) => ({
    endpoint,
    network: networks.get(endpoint.network),
    place: places[index],
  }));
}

export const ENDPOINT_VIEW: View<ListedEndpoint> = {
  headers: [
    "NAME",
    "NAMESPACE",
    "CONTAINER",
    "NETWORK",
    "IP",
    "MAC",
    "GATEWAY",
    "VLAN",
    "VF",
    "PORT",
    "NODE",
    "LABELS",
  ],

  toRow({ endpoint, network, place }) {
    const { name, namespace, labels } = endpoint;
    const gateways = (network?.ranges ?? []).flatMap(({ gateway }) => gateway ?? []);
    return [
      name,
      namespace,
      place === undefined ? "" : shortId(place.containerId),
      endpoint.network,
      prefixesOf(endpoint, network).join(","),
      place?.mac ?? "",
      gateways.map(formatAddress).join(","),
      String(network?.vlan ?? ""),
      String(place?.vf ?? ""),
      place?.port ?? "",
      place?.node ?? "",
      formatLabels(labels),
    ];
  },

  toJson({ endpoint, place }) {
    return { ...encodeEndpoint(endpoint), attached: place ?? null };
  },
};

/** The addresses with the prefix lengths of their subnets, as the pod has them. */
function prefixesOf({ addresses }: Endpoint, network: Network | undefined): string[] {
  return addresses.map((address) => {
    const range = network?.ranges.find((candidate) => rangeHas(candidate, address));
    return range === undefined
      ? formatAddress(address)
      : formatPrefix({ address, prefixLength: range.subnet.prefixLength });
  });
}
