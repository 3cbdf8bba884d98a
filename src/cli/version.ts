/** Who this executable is. */

import { SUPPORTED_VERSIONS } from "../cni/versions.ts";

// Put in by the build; running from source there is none.
declare const PODWIRE_VERSION: string | undefined;
declare const PODWIRE_COMMIT: string | undefined;

export function versionText(): string {
  const version = typeof PODWIRE_VERSION === "string" ? PODWIRE_VERSION : "source";
  const commit = typeof PODWIRE_COMMIT === "string" ? PODWIRE_COMMIT : "unknown";
  return `podwire ${version} (commit ${commit})\nCNI versions: ${SUPPORTED_VERSIONS.join(", ")}`;
}

/** False where the program runs from source. */
export function isBuilt(): boolean {
  return typeof PODWIRE_VERSION === "string";
}
