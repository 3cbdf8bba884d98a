/** The fields of a configuration that set up the pod's interface and kernel parameters: the reference tuning plugin's. */

import { duplicateKeys } from "../../cni/duplicates.ts";
import { CNI_ERROR, CniError, invalidNetconf } from "../../cni/error.ts";
import {
  booleanField,
  type Fields,
  field,
  integerField,
  type Located,
  objectField,
  toText,
} from "../../cni/json.ts";
import type { Tuning } from "../../cni/netconf-parts.ts";
import type { Request } from "../../cni/request.ts";

/** A kernel parameter of the pod: a path below /proc/sys, with the interface's name in it. */
export interface Sysctl {
  readonly key: string;
  readonly value: string;
  /** As the user wrote it. */
  readonly name: string;
}

export interface InterfaceSettings {
  readonly sysctls: readonly Sysctl[];
  readonly promisc: boolean;
  readonly allmulti: boolean;
  /** Packets; absent leaves the kernel's own. */
  readonly txQLen?: number;
}

const PLACEHOLDER = "IFNAME";
const LARGEST_QUEUE = 2 ** 31 - 1;

/** `args.cni` wins over the configuration. @throws {CniError} 7 with the path of the field */
export function decodeInterfaceSettings(request: Request): InterfaceSettings {
  const { netconf } = request;
  const user = objectField(objectField(netconf, "args"), "cni");
  const has = (key: keyof Tuning): Fields<Tuning> => (field(user, key) === undefined ? netconf : user);
  const txQLen = integerField(has("txQLen"), "txQLen", 0, LARGEST_QUEUE);
  return {
    sysctls: decodeSysctls(request, user),
    promisc: booleanField(has("promisc"), "promisc"),
    allmulti: booleanField(has("allmulti"), "allmulti"),
    ...(txQLen === undefined ? {} : { txQLen }),
  };
}

function decodeSysctls(request: Request, user: Fields<Tuning>): Sysctl[] {
  const own = [field(request.netconf, "sysctl"), field(user, "sysctl")].flatMap((located) =>
    located === undefined ? [] : [entriesOf(located)],
  );
  if (own.length === 0) return [];
  refuseDuplicates(request.stdin, own);
  const byKey = new Map<string, Sysctl>();
  for (const located of own.flat()) {
    const sysctl = decodeSysctl(located, request.ifname);
    byKey.set(sysctl.key, sysctl);
  }
  return [...byKey.values()];
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
    const keys = group.map(({ name }) => toPath(name, ""));
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

function decodeSysctl(entry: Entry, ifname: string): Sysctl {
  const key = toPath(entry.name, ifname);
  const parts = key.split("/");
  const isSafe =
    parts[0] === "net" && parts.length > 1 && !parts.some((part) => part === "" || part === "..");
  if (!isSafe) {
    const wanted = 'a parameter of the network namespace, like "net.ipv4.conf.IFNAME.rp_filter"';
    throw invalidNetconf(entry.path, wanted, entry.name);
  }
  return { key, value: toText(entry), name: entry.name };
}

/** The first separator tells which one it is; the other then belongs to a name (sysctl(8)). */
function toPath(name: string, ifname: string): string {
  const isDotted = /^[^/]*\./.test(name);
  const parts = name.split(isDotted ? "." : "/");
  return parts
    .map((part) => (part === PLACEHOLDER ? ifname : isDotted ? part.replaceAll("/", ".") : part))
    .join("/");
}
