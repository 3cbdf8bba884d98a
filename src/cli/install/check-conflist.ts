/** Whether a configuration list would do on this node: read as a plugin call reads it, and held against its neighbours. */

import { parsePrefix, prefixesOverlap } from "../../addr/prefix.ts";
import { planOwn } from "../../attachment/plan/plan.ts";
import { readEnvironment } from "../../cni/environment.ts";
import { decodeRequest } from "../../cni/request.ts";
import { CniError } from "../../error/cni-error.ts";
import { listDirectory } from "../../linux/directory.ts";
import { exists } from "../../linux/file.ts";
import { listNetworks } from "../../network/files/read-files.ts";
import { describeRange } from "../../network/format/range.ts";
import { refused } from "../failure.ts";
import { readSurroundings } from "../network/pod-networks.ts";
import { configDirIn, isObject, parseList } from "./conflist.ts";

export interface Candidate {
  /** Where the text comes from, for messages. */
  readonly file: string;
  readonly text: string;
  readonly binDir: string;
  readonly confDir: string;
  readonly confName: string;
}

/** @returns warnings: what will work otherwise than one may think @throws {Failure} with file, field and fault */
export function checkConflist(candidate: Candidate): string[] {
  const warnings = checkContent(candidate);
  return [...rivals(candidate), ...warnings, ...missing(candidate, pluginsOf(candidate).plugins)];
}

/** The same without a look at the runtime's directories: whether an ADD can follow it, and whose addresses it gives. */
export function checkContent(candidate: Candidate): string[] {
  const { list, plugins } = pluginsOf(candidate);
  const versions = Array.isArray(list.cniVersions) ? list.cniVersions : [list.cniVersion];
  plugins.forEach((plugin, index) => {
    if (!isObject(plugin) || plugin.type !== "podwire") return;
    for (const version of versions)
      requirePlan(candidate, `plugins[${index}]`, { ...plugin, cniVersion: version, name: list.name });
  });
  requireApart(candidate, plugins);
  return sharedSubnets(candidate, list.name, plugins);
}

function pluginsOf({ text, file }: Candidate) {
  const list = parseList(text, file);
  return { list, plugins: list.plugins as readonly unknown[] }; // `as`: parseList has looked
}

function requirePlan({ file, binDir }: Candidate, path: string, netconf: object): void {
  const variables = {
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: "install",
    CNI_NETNS: "/run/netns/install",
    CNI_IFNAME: "eth0",
    CNI_PATH: binDir,
  };
  try {
    const request = decodeRequest(
      readEnvironment(variables),
      new TextEncoder().encode(JSON.stringify(netconf)),
    );
    void [request.netconf.log, request.netconf.configDir]; // throw where they are wrong
    planOwn(request);
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    throw refused(`${file}: ${path}: ${error.message}`, error.details);
  }
}

/** Addresses of a network by name would be two pods' at once. */
function requireApart({ file, text }: Candidate, plugins: readonly unknown[]): void {
  for (const { name, ranges } of listNetworks(configDirIn(text, file)).networks) {
    for (const range of ranges) {
      const subnet = subnetsOf(plugins).find((text) => {
        const prefix = parsePrefix(text);
        return prefix !== undefined && prefixesOverlap(prefix, range.subnet);
      });
      if (subnet === undefined) continue;
      const problem = `subnet ${subnet} overlaps with network "${name}", range ${describeRange(range)}`;
      throw refused(`${file}: ipam: ${problem}`, "give another --pod-cidr, or delete the network");
    }
  }
}

function subnetsOf(plugins: readonly unknown[]): string[] {
  return plugins.flatMap((plugin) => {
    const ipam = isObject(plugin) && isObject(plugin.ipam) ? plugin.ipam : {};
    const ranges = (Array.isArray(ipam.ranges) ? ipam.ranges : []).flat();
    return [ipam, ...ranges].flatMap((range) =>
      isObject(range) && typeof range.subnet === "string" ? [range.subnet] : [],
    );
  });
}

/** Runtimes take the first file by name. */
function rivals({ confDir, confName }: Candidate): string[] {
  return listDirectory(confDir)
    .filter(
      (name) => [".conflist", ".conf", ".json"].some((suffix) => name.endsWith(suffix)) && name < confName,
    )
    .sort()
    .map(
      (name) =>
        `${confDir}/${name} is read before ${confName}: remove it, or give a --conf-name that comes first`,
    );
}

/** Of configurations of another name, whose reservations are not ours. */
function sharedSubnets(
  { confDir, confName }: Candidate,
  network: unknown,
  plugins: readonly unknown[],
): string[] {
  const { occupied } = readSurroundings(confDir);
  return subnetsOf(plugins).flatMap((subnet) => {
    const prefix = parsePrefix(subnet);
    return occupied
      .filter(({ holder }) => !holder.endsWith(`/${confName}`) && !holder.includes(`"${String(network)}"`))
      .filter((other) => prefix !== undefined && prefixesOverlap(prefix, other.prefix))
      .map(({ holder }) => `subnet ${subnet} overlaps with ${holder}`);
  });
}

/** Plugins beside podwire that the list runs. */
function missing({ binDir }: Candidate, plugins: readonly unknown[]): string[] {
  return plugins.flatMap((plugin, index) => {
    const type = isObject(plugin) ? plugin.type : undefined;
    if (typeof type !== "string" || type === "podwire" || exists(`${binDir}/${type}`)) return [];
    return [`plugins[${index}]: there is no ${binDir}/${type}`];
  });
}
