/** Versions of the CNI specification and what each has. */

import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";

export const SUPPORTED_VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;

export type CniVersion = (typeof SUPPORTED_VERSIONS)[number];

export const LATEST_VERSION: CniVersion = "1.1.0";

/** What a configuration without `cniVersion` means (SPEC.md 0.1.0 had no such key). */
export const DEFAULT_VERSION: CniVersion = "0.1.0";

export function isSupportedVersion(text: string): text is CniVersion {
  return (SUPPORTED_VERSIONS as readonly string[]).includes(text); // `as`: includes() asks for what it is to find out
}

/** True where `version` is `other` or a later one. */
export function isAtLeast(version: CniVersion, other: CniVersion): boolean {
  return SUPPORTED_VERSIONS.indexOf(version) >= SUPPORTED_VERSIONS.indexOf(other);
}

/** @throws {CniError} 1 for a version that this plugin does not speak */
export function requireSupported(text: string): CniVersion {
  if (isSupportedVersion(text)) return text;
  throw new CniError(
    CNI_ERROR.incompatibleVersion,
    "incompatible CNI versions",
    `cniVersion is "${text}", this plugin supports ${SUPPORTED_VERSIONS.join(", ")}`,
  );
}
