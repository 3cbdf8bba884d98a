/** The configurations of the container runtime on this node: every list and every single plugin in its directory. */

import { CniError } from "../error/cni-error.ts";
import { type Fields, field, listField, stringField, toFields } from "../json/fields.ts";
import { mismatch } from "../json/located.ts";
import { listDirectory } from "../linux/directory.ts";
import { readTextFileIfAny } from "../linux/file.ts";

export interface Configuration {
  readonly file: string;
  /** Empty where it has none, or cannot be read. */
  readonly name: string;
  readonly plugins: readonly Fields[];
  /** It says "plugins": a list, of one plugin as well. */
  readonly isList: boolean;
  /** The list says `disableGC`: nobody is to collect garbage of its network. */
  readonly disablesGc: boolean;
  /** Why it cannot be read; absent where it can. */
  readonly fault?: string;
}

/** As libcni takes them. */
const SUFFIXES = [".conflist", ".conf", ".json"];

/** Where the runtime's configurations are: the directory above that of networks, tiers and endpoints. */
export function runtimeDirectoryOf(configDir: string): string {
  return configDir.slice(0, configDir.lastIndexOf("/"));
}

/** In the order of their names, the runtime's own; those that cannot be read have their fault. */
export function listConfigurations(directory: string): Configuration[] {
  return listDirectory(directory)
    .filter((name) => SUFFIXES.some((suffix) => name.endsWith(suffix)))
    .sort()
    .map((name) => readConfiguration(`${directory}/${name}`));
}

function readConfiguration(file: string): Configuration {
  try {
    const conf = toFields({ path: "", value: JSON.parse(readTextFileIfAny(file) ?? "{}") });
    const list = listField(conf, "plugins");
    const plugins = list?.map(toFields) ?? [conf];
    const isList = list !== undefined;
    const name = stringField(conf, "name") ?? "";
    return { file, name, plugins, isList, disablesGc: isList && readDisableGc(conf) };
  } catch (error) {
    if (!(error instanceof CniError) && !(error instanceof SyntaxError)) throw error;
    return { file, name: "", plugins: [], isList: false, disablesGc: false, fault: error.message }; // the runtime will say so too
  }
}

/** A text does too. @throws {CniError} 7: neither @see readBool in libcni's conf.go */
function readDisableGc(conf: Fields): boolean {
  const located = field(conf, "disableGC") ?? { path: "disableGC", value: false };
  const text = String(located.value).toLowerCase();
  if (text !== "true" && text !== "false") throw mismatch(located, "true or false");
  return text === "true";
}
