/** The answer to VERSION. */

import { isSupportedVersion, LATEST_VERSION, SUPPORTED_VERSIONS } from "./versions.ts";

/** Answers in the version of the input where it names one that we know (SPEC.md, "VERSION"); any input will do. */
export function encodeVersions(stdin: Uint8Array): object {
  return { cniVersion: versionIn(stdin) ?? LATEST_VERSION, supportedVersions: SUPPORTED_VERSIONS };
}

function versionIn(stdin: Uint8Array): string | undefined {
  try {
    const input: unknown = JSON.parse(new TextDecoder().decode(stdin));
    const hasVersion = typeof input === "object" && input !== null && "cniVersion" in input;
    const version = hasVersion ? String(input.cniVersion) : "";
    return isSupportedVersion(version) ? version : undefined;
  } catch {
    return undefined; // safe: VERSION needs no input
  }
}
