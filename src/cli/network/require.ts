/** The network that a command is about. */

import { listNetworks, readNetwork } from "../../network/files/read-files.ts";
import type { Network } from "../../network/model.ts";
import { refused } from "../failure.ts";

/** @throws {Failure} there is none of that name {@link InvalidFile} */
export function requireNetwork(configDir: string, name: string): Network {
  const network = readNetwork(configDir, name);
  if (network !== undefined) return network;
  throw refused(`there is no network "${name}"`, describeNames(configDir));
}

function describeNames(configDir: string): string {
  const names = listNetworks(configDir).networks.map((network) => network.name);
  return names.length === 0
    ? `${configDir}/networks has none: make one with podwire network create`
    : `there are: ${names.join(", ")}`;
}

/** Every network, for what holds between them. @throws {InvalidFile} one of the files is wrong */
export function requireAllNetworks(configDir: string): readonly Network[] {
  const { networks, faults } = listNetworks(configDir);
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return networks;
}
