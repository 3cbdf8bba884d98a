/** The answer to VERSION. */

import { stringField, toFields } from "../json/fields.ts";
import { type CniVersion, isSupportedVersion, LATEST_VERSION, SUPPORTED_VERSIONS } from "./versions.ts";

/** Answers in the version of the input where it names one that we know (SPEC.md, "VERSION"); any input will do. */
export function encodeVersions(stdin: Uint8Array): object {
  return { cniVersion: versionIn(stdin) ?? LATEST_VERSION, supportedVersions: SUPPORTED_VERSIONS };
}

/** The version that an input names; undefined where it names none that we know, or cannot be read. */
export function versionIn(stdin: Uint8Array): CniVersion | undefined {
  try {
    const fields = toFields({ path: "", value: JSON.parse(new TextDecoder().decode(stdin)) });
    const version = stringField(fields, "cniVersion") ?? "";
    return isSupportedVersion(version) ? version : undefined;
  } catch {
    return undefined; // safe: VERSION needs no input, and of a broken one the error at hand tells
  }
}
