/** Who this executable is. */

import { SUPPORTED_VERSIONS } from "../cni/versions.ts";

// Put in by the build; running from source there is none.
declare const PODWIRE_VERSION: string | undefined;
declare const PODWIRE_COMMIT: string | undefined;
declare const PODWIRE_DATE: string | undefined;

export function versionNumber(): string {
  return typeof PODWIRE_VERSION === "string" ? PODWIRE_VERSION : "source";
}

/** Of the commit, ISO 8601; empty where nobody knows. */
export function dateText(): string {
  return typeof PODWIRE_DATE === "string" ? PODWIRE_DATE : "";
}

export function versionText(): string {
  const commit = typeof PODWIRE_COMMIT === "string" ? PODWIRE_COMMIT : "unknown";
  return `podwire ${versionNumber()} (commit ${commit})\nCNI versions: ${SUPPORTED_VERSIONS.join(", ")}`;
}

/** False where the program runs from source. */
export function isBuilt(): boolean {
  return typeof PODWIRE_VERSION === "string";
}
