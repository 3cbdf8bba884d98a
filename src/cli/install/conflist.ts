/** The text of the configuration list that is installed, from a template and what the command line says. */

import type { Family } from "../../addr/address.ts";
import { formatPrefix, networkOf, type Prefix, parsePrefix } from "../../addr/prefix.ts";
import type { NetconfDocument } from "../../cni/document/netconf.ts";
import { stringField, toFields } from "../../json/fields.ts";
import { CONFIG_DIR } from "../../network/files/read-files.ts";
import { misused, refused } from "../failure.ts";

export interface Wishes {
  /** Of several of one family each pod has an address in one. */
  readonly podCidrs: readonly Prefix[];
  readonly bridge?: string;
  /** Bytes. */
  readonly mtu?: number;
  /** `key=value` each: a dotted path into the entry of podwire, and a JSON value or text. */
  readonly set: readonly string[];
}

type Json = Record<string, unknown>;

/** The template as it is where there are no wishes. @throws {Failure} a template that is no configuration list */
export function makeConflist(template: string, file: string, wishes: Wishes): string {
  const list = parseList(template, file);
  if (isEmpty(wishes)) return template;
  const plugins = (list.plugins as unknown[]).map((plugin) =>
    isObject(plugin) && plugin.type === "podwire" ? applyWishes(plugin, wishes) : plugin,
  );
  return `${JSON.stringify({ ...list, plugins }, undefined, 2)}\n`;
}

/** The list as an object. @throws {Failure} with the file's name */
export function parseList(text: string, file: string): Json {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw refused(`${file}: not JSON: ${String(error)}`);
  }
  if (!isObject(list)) throw refused(`${file}: want an object`);
  if (!Array.isArray(list.plugins) || !list.plugins.some((plugin) => isObject(plugin) && isOurs(plugin)))
    throw refused(`${file}: plugins: want a list with an entry whose "type" is "podwire"`);
  return list;
}

/** Where a plugin call looks for networks by name, tiers and endpoints. @throws {Failure} */
export function configDirIn(text: string, file: string): string {
  const { plugins } = parseList(text, file);
  const own = (plugins as unknown[]).find((plugin) => isObject(plugin) && isOurs(plugin)); // `as`: parseList has looked
  const located = { path: file, value: own };
  return stringField<NetconfDocument>(toFields(located), "configDir") || CONFIG_DIR;
}

function isOurs(plugin: Json): boolean {
  return plugin.type === "podwire";
}

function isEmpty({ podCidrs, bridge, mtu, set }: Wishes): boolean {
  return podCidrs.length === 0 && set.length === 0 && bridge === undefined && mtu === undefined;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function applyWishes(plugin: Json, { podCidrs, bridge, mtu, set }: Wishes): Json {
  const given: Json = { ...(bridge === undefined ? {} : { bridge }), ...(mtu === undefined ? {} : { mtu }) };
  const ranges = ([4, 6] as const).flatMap((family) => rangeSet(podCidrs, family));
  const ipam = isObject(plugin.ipam) ? plugin.ipam : { type: "host-local" };
  const { subnet: _subnet, rangeStart: _start, rangeEnd: _end, gateway: _gateway, ...rest } = ipam;
  const addressed = ranges.length === 0 ? {} : { ipam: { ...rest, ranges } };
  return set.reduce(setOne, { ...plugin, ...given, ...addressed });
}

/** host-local's: a pod gets one address of each set. */
function rangeSet(prefixes: readonly Prefix[], family: Family): { subnet: string }[][] {
  const own = prefixes.filter(({ address }) => address.family === family);
  return own.length === 0 ? [] : [own.map((prefix) => ({ subnet: formatPrefix(prefix) }))];
}

function setOne(plugin: Json, text: string): Json {
  const at = text.indexOf("=");
  if (at < 1) throw misused(`--set ${text}: want KEY=VALUE`);
  return withValue(plugin, text.slice(0, at).split("."), { value: toValue(text.slice(at + 1)), text });
}

function withValue(object: Json, path: readonly string[], given: { value: unknown; text: string }): Json {
  const [key = "", ...rest] = path;
  const member = object[key] ?? {};
  if (key === "" || (rest.length > 0 && !isObject(member)))
    throw misused(`--set ${given.text}: there is no object "${key}" to set something in`);
  const value = rest.length > 0 && isObject(member) ? withValue(member, rest, given) : given.value;
  return { ...object, [key]: value };
}

/** A JSON value, or the text itself where it is none. */
function toValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // safe: what is no JSON is meant as text
  }
}

/** Networks of pods, `A` or `A,B`. @throws {Failure} no network, or two of a family */
export function parsePodCidrs(texts: readonly string[]): Prefix[] {
  const prefixes = texts.map((text) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined || formatPrefix(networkOf(prefix)) !== formatPrefix(prefix))
      throw misused(`--pod-cidr ${text}: want a network like 10.244.1.0/24 or fd00:10:244:1::/64`);
    return prefix;
  });
  if (new Set(prefixes.map(({ address }) => address.family)).size < prefixes.length)
    throw misused(`--pod-cidr ${texts.join(",")}: want one network a family`);
  return prefixes;
}
