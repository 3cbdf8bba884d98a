/** The fields of a configuration that set up the pod's interface and kernel parameters: the reference tuning plugin's. */

import { CniError, invalidNetconf } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { duplicateKeys } from "../../json/duplicates.ts";
import { booleanField, type Fields, field, integerField, noFields } from "../../json/fields.ts";
import { type Located, toText } from "../../json/located.ts";
import type { Tuning as TuningFields } from "../document/parts.ts";
import { firstOf, type Places, tuningRow } from "./precedence.ts";

/** A kernel parameter of the pod: a path below /proc/sys, in which {@link PLACEHOLDER} stands for the interface. */
export interface SysctlConfig {
  readonly parts: readonly string[];
  readonly value: string;
  /** As the user wrote it. */
  readonly name: string;
}

export interface TuningConfig {
  /** Those of `args.cni` come last, and win. */
  readonly sysctls: readonly SysctlConfig[];
  readonly promisc: boolean;
  readonly allmulti: boolean;
  /** Packets; absent leaves the kernel's own. */
  readonly txQLen?: number;
}

export const PLACEHOLDER = "IFNAME";
const LARGEST_QUEUE = 2 ** 31 - 1;

/** `text`: the configuration as it came, in which names may be given twice. @throws {CniError} 7 with the path of the field */
export function decodeTuning(places: Places, text: string): TuningConfig {
  const has = (key: keyof TuningFields): Fields<TuningFields> =>
    firstOf(tuningRow(key), places) ?? noFields("");
  const txQLen = integerField(has("txQLen"), "txQLen", 0, LARGEST_QUEUE);
  return {
    sysctls: decodeSysctls(places, text),
    promisc: booleanField(has("promisc"), "promisc"),
    allmulti: booleanField(has("allmulti"), "allmulti"),
    ...(txQLen === undefined ? {} : { txQLen }),
  };
}

function decodeSysctls({ configuration, user }: Places, text: string): SysctlConfig[] {
  const groups = [field(configuration, "sysctl"), field(user, "sysctl")].flatMap((located) =>
    located === undefined ? [] : [entriesOf(located)],
  );
  if (groups.length === 0) return [];
  refuseDuplicates(text, groups);
  return groups.flat().map(decodeSysctl);
}

interface Entry extends Located {
  readonly name: string;
}

/** Names of kernel parameters have upper and lower case, unlike the fields of a configuration. */
function entriesOf({ path, value }: Located): Entry[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidNetconf(path, 'an object like {"net.core.somaxconn": "512"}', value);
  return Object.entries(value).map(([name, item]) => ({ path: `${path}["${name}"]`, name, value: item }));
}

/** A name that comes twice in one object is lost in parsing: so the text itself is asked. */
function refuseDuplicates(text: string, groups: readonly (readonly Entry[])[]): void {
  const [name] = duplicateKeys(text, "sysctl");
  if (name !== undefined) throw twice(`sysctl["${name}"]`, name);
  for (const group of groups) {
    const keys = group.map((entry) => partsOf(entry.name).join("/"));
    const at = keys.findIndex((key, index) => keys.indexOf(key) < index);
    const entry = group[at];
    if (entry !== undefined) throw twice(entry.path, entry.name);
  }
}

function twice(path: string, name: string): CniError {
  return new CniError(
    CNI_ERROR.invalidNetconf,
    `${path}: "${name}" is given twice`,
    "want each parameter once",
  );
}

function decodeSysctl(entry: Entry): SysctlConfig {
  const parts = partsOf(entry.name);
  const isSafe =
    parts[0] === "net" && parts.length > 1 && !parts.some((part) => part === "" || part === "..");
  if (!isSafe) {
    const wanted = 'a parameter of the network namespace, like "net.ipv4.conf.IFNAME.rp_filter"';
    throw invalidNetconf(entry.path, wanted, entry.name);
  }
  return { parts, value: toText(entry), name: entry.name };
}

/** The first separator tells which one it is; the other then belongs to a name (sysctl(8)). */
function partsOf(name: string): string[] {
  const isDotted = /^[^/]*\./.test(name);
  return isDotted ? name.split(".").map((part) => part.replaceAll("/", ".")) : name.split("/");
}
