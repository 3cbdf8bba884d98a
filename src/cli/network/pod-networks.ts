/** Addresses that a named network must stay clear of: pod networks of the runtime, and what no host can have. */

import { parsePrefix } from "../../addr/prefix.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { type Fields, listField, objectField, stringField, toFields } from "../../json/fields.ts";
import { toItems } from "../../json/located.ts";
import type { Occupied } from "../../network/overlap.ts";
import { type Configuration, listConfigurations } from "../../node/configurations.ts";

/** RFC 6890, RFC 4291. */
const SPECIAL: Readonly<Record<string, string>> = {
  "0.0.0.0/8": '"this network"',
  "127.0.0.0/8": "loopback addresses",
  "169.254.0.0/16": "link-local addresses",
  "224.0.0.0/3": "multicast and reserved addresses",
  "::/8": "loopback and reserved addresses",
  "fe80::/10": "link-local addresses",
  "ff00::/8": "multicast addresses",
};

/** What is occupied by others, and the configurations that could not be read, each in words. */
export interface Surroundings {
  readonly occupied: readonly Occupied[];
  readonly warnings: readonly string[];
}

/** Looks at the configurations of the runtime, which are in `confDir`. */
export function readSurroundings(confDir: string): Surroundings {
  const special = Object.entries(SPECIAL).flatMap(([prefix, holder]) => toOccupied(prefix, holder));
  const warnings: string[] = [];
  const occupied = listConfigurations(confDir).flatMap((configuration) => {
    try {
      return podNetworksOf(configuration);
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      warnings.push(`${configuration.file}: not looked at for overlap: ${error.message}`);
      return [];
    }
  });
  return { occupied: [...special, ...occupied], warnings };
}

function toOccupied(prefix: string, holder: string): Occupied[] {
  const parsed = parsePrefix(prefix);
  return parsed === undefined ? [] : [{ prefix: parsed, holder }];
}

/** The subnets that host-local gives addresses of, by whichever plugin of the file. @throws {CniError} */
function podNetworksOf({ file, name, plugins, fault }: Configuration): Occupied[] {
  if (fault !== undefined) throw new CniError(CNI_ERROR.decode, fault);
  const holder = `the pod network "${name}" of ${file}`;
  return plugins
    .map((plugin) => objectField(plugin, "ipam"))
    .filter((ipam) => stringField(ipam, "type") === "host-local")
    .flatMap(subnetsOf)
    .flatMap((subnet) => toOccupied(subnet, holder));
}

function subnetsOf(ipam: Fields): string[] {
  const ranges = (listField(ipam, "ranges") ?? []).flatMap(toItems).map(toFields);
  return [ipam, ...ranges].flatMap((fields) => stringField(fields, "subnet") ?? []);
}
