/** Pods do not get other addresses because somebody forgot an option. */

import { readTextFileIfAny } from "../../linux/file.ts";
import { refused } from "../failure.ts";
import { isObject } from "./conflist.ts";
import type { Installation, InstallOptions } from "./wanted.ts";

/**
 * Where no option says which addresses are meant, those of the list in place are.
 * @throws {Failure} the wanted list has others
 */
export function requireMeantAddresses(options: InstallOptions, { wanted }: Installation): void {
  if (saysAddresses(options)) return;
  for (const { path, content } of wanted) {
    const present = content.kind === "text" ? addressesIn(readTextFileIfAny(path) ?? "") : undefined;
    if (content.kind !== "text" || present === undefined || present === addressesIn(content.text)) continue;
    throw refused(
      `${path} gives pods other addresses than the built-in configuration, and no option says which are meant: ${present}`,
      `give --pod-cidr, --set ipam… or --conf again; --conf ${path} keeps what is there`,
    );
  }
}

function saysAddresses({ conf, podCidr, set }: InstallOptions): boolean {
  return conf !== undefined || podCidr.length > 0 || set.some((text) => /^ipam[.=]/.test(text));
}

/** The address management of podwire's entry; undefined where there is no such list. */
function addressesIn(text: string): string | undefined {
  try {
    const list: unknown = JSON.parse(text);
    const plugins = isObject(list) && Array.isArray(list.plugins) ? list.plugins : [];
    const own = plugins.find((plugin) => isObject(plugin) && plugin.type === "podwire");
    return own === undefined ? undefined : JSON.stringify(own.ipam);
  } catch {
    return undefined; // safe: what cannot be read gives no addresses
  }
}
