/** The configurations of the container runtime on this node: every list and every single plugin in its directory. */

import { CniError } from "../error/cni-error.ts";
import { type Fields, listField, stringField, toFields } from "../json/fields.ts";
import { listDirectory } from "../linux/directory.ts";
import { readTextFileIfAny } from "../linux/file.ts";

export interface Configuration {
  readonly file: string;
  /** Empty where it has none, or cannot be read. */
  readonly name: string;
  readonly plugins: readonly Fields[];
  /** It says "plugins": a list, of one plugin as well. */
  readonly isList: boolean;
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
    return { file, name: stringField(conf, "name") ?? "", plugins, isList: list !== undefined };
  } catch (error) {
    if (!(error instanceof CniError) && !(error instanceof SyntaxError)) throw error;
    return { file, name: "", plugins: [], isList: false, fault: error.message }; // the runtime will say so too
  }
}
