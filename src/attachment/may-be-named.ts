/** Whether a call may be about a network by name: the question that each call is asked first. */

import type { Request } from "../cni/request.ts";
import { exists, makeFolder } from "../linux/file.ts";
import { configDirOf } from "./config/config-dir.ts";
import { RECORD_ROOT } from "./record.ts";

/** There from the first attachment to a network by name on, until the next boot. */
const MARKER = `${RECORD_ROOT}/.named`;
const SIGNS = ["diamanti.com/endpoint", '"network"', '"perftier"', '"configdir"'];

/**
 * True where there are networks by name, or were when some attachment of this boot was made, or where the request
 * has a word that may ask for one: too often rather than too seldom.
 */
export function mayBeNamed(request: Request): boolean {
  if (exists(`${configDirOf(request)}/networks`) || exists(MARKER) || request.args.includes("PODWIRE_"))
    return true;
  const text = request.stdin.toLowerCase();
  return SIGNS.some((sign) => text.includes(sign));
}

/** From now on every call of this boot is. */
export function markNamed(): void {
  if (!exists(MARKER)) makeFolder(MARKER, 0o700);
}
