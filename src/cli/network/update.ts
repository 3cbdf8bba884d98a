import { describeRange } from "../../network/format/range.ts";

/** `podwire network update`: what of a network may change while pods use it. */

import { parseAddress } from "../../addr/address.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { readDefaultNetwork } from "../../network/files/read-files.ts";
import {
  ConfigLock,
  clearDefaultNetwork,
  replaceNetwork,
  setDefaultNetwork,
} from "../../network/files/write-files.ts";
import { encodeNetwork } from "../../network/format/network.ts";
import { encodeRange } from "../../network/format/range.ts";
import type { Network } from "../../network/model.ts";
import type { Call } from "../command.ts";
import { misused, refused } from "../failure.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { requireApart } from "./create.ts";
import { decodeOptions } from "./document.ts";
import { requireNotOwn } from "./fit.ts";
import { requireAllNetworks, requireNetwork } from "./require.ts";
import { NETWORK_VIEW, withUsage } from "./view.ts";

export interface UpdateOptions extends OutputOptions {
  readonly setDefault?: true;
  readonly clearDefault?: true;
  readonly networkGroup?: string;
  readonly zone?: string;
  readonly end?: readonly string[];
}

export function updateNetwork({ args: [name], options }: Call<UpdateOptions, [name: string]>): void {
  requireChange(options);
  const { configDir } = options;
  using _lock = ConfigLock.take(configDir);
  const network = requireNetwork(configDir, name);
  const changed = applyOptions(network, options);
  if (options.end !== undefined) requireRoom(configDir, changed);
  if (options.clearDefault === true) requireDefault(configDir, name);
  replaceNetwork(configDir, changed);
  if (options.setDefault === true) setDefaultNetwork(configDir, name);
  if (options.clearDefault === true) clearDefaultNetwork(configDir);
  for (const listed of withUsage(configDir, [changed])) printOne(options, NETWORK_VIEW, listed);
}

function requireChange({ setDefault, clearDefault, networkGroup, zone, end }: UpdateOptions): void {
  if (setDefault === true && clearDefault === true)
    throw misused("--set-default and --clear-default: one of them");
  if ([setDefault, clearDefault, networkGroup, zone, end].every((option) => option === undefined)) {
    throw misused(
      "nothing to change",
      "give --set-default, --clear-default, --network-group, --zone or --end",
    );
  }
}

/** @throws {Failure} an option says what a network cannot be */
function applyOptions(network: Network, { networkGroup, zone, end = [] }: UpdateOptions): Network {
  const { group, zone: earlierZone, ...others } = network;
  const document = {
    ...encodeNetwork(others),
    group: (networkGroup ?? group) || undefined,
    zone: (zone ?? earlierZone) || undefined,
    ranges: extendRanges(network, end),
  };
  return decodeOptions(document, network.name);
}

/** The ranges with the ends that are given, each put where its family is. @throws {Failure} an end is none, or earlier */
function extendRanges({ name, ranges }: Network, ends: readonly string[]): object[] {
  const encoded = ranges.map(encodeRange);
  for (const text of ends) {
    const end = parseAddress(text);
    const index = ranges.findIndex((range) => range.end.family === end?.family);
    const range = ranges[index];
    if (end === undefined || range === undefined) {
      throw misused(
        `--end ${text}: want an address like those of ${ranges.map(describeRange).join(" and ")}`,
      );
    }
    if (end.value < range.end.value) {
      throw refused(
        `--end ${text}: network "${name}" has ${describeRange(range)}, and a range is never made smaller`,
        "pods may have the addresses; delete the network and make it anew",
      );
    }
    encoded[index] = encodeRange({ ...range, end });
  }
  return encoded;
}

/** @throws {Failure} somebody has addresses of the extended range */
function requireRoom(configDir: string, network: Network): void {
  const others = requireAllNetworks(configDir).filter((other) => other.name !== network.name);
  requireApart(configDir, network, others);
  using socket = NetlinkSocket.open(rtnetlink);
  requireNotOwn(network, socket);
}

/** @throws {Failure} another network is the default, or none */
function requireDefault(configDir: string, name: string): void {
  const present = readDefaultNetwork(configDir);
  if (present === name) return;
  throw refused(
    `--clear-default: network "${name}" is not the default`,
    present === undefined ? "there is none" : `network "${present}" is`,
  );
}
