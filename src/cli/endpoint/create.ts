/** `podwire endpoint create`: addresses of a network that stay with a name. */

import { type Address, formatAddress, parseAddress, sameAddress } from "../../addr/address.ts";
import { AddressUnavailable, allocate, PoolExhausted } from "../../ipam/allocate.ts";
import { freeEarlierBoots } from "../../ipam/boot.ts";
import { IpamStore } from "../../ipam/store.ts";
import { ENDPOINTS, listEndpoints } from "../../network/files/read-files.ts";
import { ConfigLock, createEndpoint, hasFile } from "../../network/files/write-files.ts";
import { documentOf, InvalidFile } from "../../network/format/document.ts";
import { decodeEndpoint, type EndpointId } from "../../network/format/endpoint.ts";
import type { Endpoint, Network } from "../../network/model.ts";
import { isName, WANT_NAME } from "../../network/name.ts";
import { POOL_DIR } from "../../network/usage.ts";
import type { Call } from "../command.ts";
import { misused, refused } from "../failure.ts";
import { parseLabels } from "../labels.ts";
import { requireNetwork } from "../network/require.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { ENDPOINT_VIEW, withPlaces } from "./view.ts";

export interface CreateOptions extends OutputOptions {
  readonly network: string;
  readonly ip?: readonly string[];
  readonly ns: string;
  readonly labels?: readonly string[];
}

export function createNamedEndpoint({ args: [name], options }: Call<CreateOptions, [name: string]>): void {
  const { configDir, ns: namespace } = options;
  requireName("an endpoint", name);
  requireName("a namespace", namespace);
  const requested = (options.ip ?? []).map(toAddress);
  const labels = parseLabels(options.labels);
  using _config = ConfigLock.take(configDir);
  if (hasFile(configDir, ENDPOINTS, { namespace, name })) {
    throw refused(
      `there is an endpoint "${name}" in namespace "${namespace}" already`,
      "choose another name",
    );
  }
  const network = requireNetwork(configDir, options.network);
  using store = IpamStore.open(POOL_DIR, network.name, console.error);
  freeEarlierBoots(store, console.error);
  const addresses = chooseAddresses(network, requested, { store, endpoints: requireAllEndpoints(configDir) });
  const document = {
    network: network.name,
    addresses: addresses.map(formatAddress),
    ...(labels && { labels }),
  };
  const endpoint = decodeOptions(document, { namespace, name });
  createEndpoint(configDir, endpoint);
  for (const listed of withPlaces(configDir, [endpoint])) printOne(options, ENDPOINT_VIEW, listed);
}

function requireName(what: string, text: string): void {
  if (!isName(text)) throw misused(`"${text}" is no name for ${what}`, `want ${WANT_NAME}`);
}

function toAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw misused(`--ip ${text}: want an address like 10.10.120.91 or fd00::91`);
  return address;
}

/** @throws {InvalidFile} a file is wrong, so that nobody knows which addresses it keeps */
function requireAllEndpoints(configDir: string): readonly Endpoint[] {
  const { endpoints, faults } = listEndpoints(configDir);
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return endpoints;
}

/** Who else has addresses of the network. */
interface Taken {
  readonly store: IpamStore;
  readonly endpoints: readonly Endpoint[];
}

/** One address of each range. @throws {Failure} one that is asked for is not in the range or not free; none is free */
function chooseAddresses(
  network: Network,
  requested: readonly Address[],
  { store, endpoints }: Taken,
): Address[] {
  const keeperOf = (address: Address) =>
    endpoints.find(({ addresses }) => addresses.some((kept) => sameAddress(kept, address)));
  for (const address of requested) {
    const keeper = keeperOf(address);
    if (keeper === undefined) continue;
    throw refused(
      `${formatAddress(address)} is kept by endpoint "${keeper.namespace}/${keeper.name}"`,
      OTHER_ADDRESS,
    );
  }
  const sets = network.ranges.map((range) => [range]);
  try {
    const isTaken = (address: Address) => keeperOf(address) !== undefined || store.isTaken(address);
    const chosen = allocate(sets, requested, { isTaken, lastReserved: () => undefined });
    return chosen.map(({ address }) => address.address);
  } catch (error) {
    if (!(error instanceof AddressUnavailable) && !(error instanceof PoolExhausted)) throw error;
    throw refused(`network "${network.name}": ${error.message}`, OTHER_ADDRESS);
  }
}

const OTHER_ADDRESS = "podwire network list shows how many are left; podwire endpoint list who keeps which";

/** @throws {Failure} naming the option that is wrong */
function decodeOptions(document: object, id: EndpointId): Endpoint {
  try {
    return decodeEndpoint(documentOf("", document), id);
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    throw misused(`endpoint "${id.name}": ${error.field}: ${error.problem}`);
  }
}
