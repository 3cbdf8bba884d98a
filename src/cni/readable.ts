/** What can be read of a configuration, however broken the rest of it is. */

import { stringField, toFields } from "../json/fields.ts";
import { IDENTIFIER } from "./environment.ts";
import { type CniVersion, isSupportedVersion } from "./versions.ts";

/** The version that an input names; undefined where it names none that we know. */
export function versionIn(stdin: Uint8Array): CniVersion | undefined {
  const version = textIn(stdin, "cniVersion") ?? "";
  return isSupportedVersion(version) ? version : undefined;
}

/** The network that an input names; undefined where it names none that there could be. */
export function networkIn(stdin: Uint8Array): string | undefined {
  const name = textIn(stdin, "name") ?? "";
  return IDENTIFIER.test(name) ? name : undefined;
}

function textIn(stdin: Uint8Array, key: string): string | undefined {
  const text = new TextDecoder().decode(stdin);
  try {
    return stringField(toFields({ path: "", value: parse(text) }), key);
  } catch {
    return undefined; // safe: of what is wrong with the input the error at hand tells
  }
}

/** Of an input that is cut off, what stands before its first inner object: there a key may mean something else. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const [outer = ""] = text.split(/[{[]/, 2).slice(1);
    return Object.fromEntries(
      [...outer.matchAll(/"(\w+)"\s*:\s*"([^"\\]*)"/g)].map(([, key, value]) => [key, value]),
    );
  }
}
