/** The newest reference plugins and cnitool, as scripts/reference installs them. */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { REFERENCE_DIR } from "../node/node.ts";

/** Where what was fetched and made is kept. */
export const CACHE = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");

/** Directory of cnitool and of the newest bridge, host-local and static. */
export const REFERENCE_BIN = process.env.PODWIRE_REFERENCE_BIN || join(CACHE, "podwire/bin");

/** Directories of the two generations of reference plugins that a node may come from or go to. */
export const REFERENCES = { newest: REFERENCE_BIN, debian: REFERENCE_DIR } as const;
export type Generation = keyof typeof REFERENCES;

/** Path of one of the newest programs. @throws where it is missing, with the command that installs it */
export function referenceTool(name: "cnitool" | "bridge" | "host-local" | "static"): string {
  const path = join(REFERENCE_BIN, name);
  if (!existsSync(path)) throw new Error(`${path} is missing; run scripts/reference to install it`);
  return path;
}

/** Path of a plugin of one generation. @throws where it is missing, with what installs it */
export function referencePlugin(generation: Generation, name: "bridge" | "host-local" | "static"): string {
  if (generation === "newest") return referenceTool(name);
  const path = join(REFERENCE_DIR, name);
  if (!existsSync(path)) throw new Error(`${path} is missing; apt-get install containernetworking-plugins`);
  return path;
}
