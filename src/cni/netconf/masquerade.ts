/** The fields of a configuration that concern masquerade. */

import type { Prefix } from "../../addr/prefix.ts";
import { booleanField, booleanFieldIfAny, type Fields, oneOfField, parsedField } from "../../json/fields.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import { decodeExclusions } from "./exclusions.ts";

export interface MasqueradeConfig {
  /** Destinations that see the pod's own address, as the user names them. */
  readonly except: readonly Prefix[];
  readonly sourcePorts: SourcePortsConfig;
}

export interface SourcePortsConfig {
  /** Chosen by chance; else the pod's own where it is free. */
  readonly isRandom: boolean;
  /** Absent: any. */
  readonly range?: { readonly first: number; readonly last: number };
}

const BACKENDS = ["iptables", "nftables"];
const LARGEST_PORT = 65_535;

/** Undefined where the pod's packets keep its address; everything is looked at all the same. @throws {CniError} 7 */
export function decodeMasquerade(configuration: Fields<NetconfDocument>): MasqueradeConfig | undefined {
  for (const key of ["ipMasqBackend", "backend"] as const) oneOfField(configuration, key, BACKENDS);
  const except = decodeExclusions(configuration, "ipMasqExclude");
  const range = parsedField(configuration, "ipMasqPorts", parseRange, 'ports like "32768-60999"');
  const isRandom = booleanFieldIfAny(configuration, "ipMasqFullyRandom") ?? true;
  if (!booleanField(configuration, "ipMasq")) return undefined;
  return { except, sourcePorts: { isRandom, ...(range === undefined ? {} : { range }) } };
}

function parseRange(text: string): SourcePortsConfig["range"] | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text)?.map(Number) ?? [];
  if (first === undefined || last === undefined) return undefined;
  return first > 0 && first <= last && last <= LARGEST_PORT ? { first, last } : undefined;
}
