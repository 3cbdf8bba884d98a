/** The answer to VERSION. */

import { versionIn } from "./readable.ts";
import { LATEST_VERSION, SUPPORTED_VERSIONS } from "./versions.ts";

/** Answers in the version of the input where it names one that we know (SPEC.md, "VERSION"); any input will do. */
export function encodeVersions(stdin: Uint8Array): object {
  return { cniVersion: versionIn(stdin) ?? LATEST_VERSION, supportedVersions: SUPPORTED_VERSIONS };
}
