/** One call of the plugin, decoded: environment and standard input, with the rules that hold for every verb. */

import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { quote } from "../error/quote.ts";
import { type Fields, stringField, toFields } from "../json/fields.ts";
import type { NetconfDocument } from "./document/netconf.ts";
import { type Command, type Environment, IDENTIFIER } from "./environment.ts";
import { decodeNetConf, type NetConf } from "./netconf/netconf.ts";
import { type CniVersion, DEFAULT_VERSION, isAtLeast, requireSupported } from "./versions.ts";

export interface Request extends Environment {
  readonly cniVersion: CniVersion;
  /** Name of the network: the configuration's `name`. */
  readonly network: string;
  readonly netconf: NetConf;
  /** The configuration as it came, for delegated plugins. */
  readonly stdin: string;
}

/** Largest configuration in bytes; a node's largest real ones (a full GC list) are far below. */
export const INPUT_LIMIT = 1024 * 1024;

const VERB_SINCE: Partial<Record<Command, CniVersion>> = { CHECK: "0.4.0", GC: "1.1.0", STATUS: "1.1.0" };

/**
 * Decodes the network configuration and holds it against the verb.
 * @throws {CniError} 1 version, 6 not JSON, 7 fields of the wrong kind
 */
export function decodeRequest(environment: Environment, stdin: Uint8Array): Request {
  const text = new TextDecoder().decode(stdin);
  const fields = toFields<NetconfDocument>({ path: "", value: parseJson(text, stdin.length) });
  const cniVersion = requireSupported(stringField(fields, "cniVersion") || DEFAULT_VERSION);
  const network = requireNetworkName(fields);
  const since = VERB_SINCE[environment.command];
  if (since !== undefined && !isAtLeast(cniVersion, since)) {
    throw new CniError(
      CNI_ERROR.incompatibleVersion,
      `config version does not allow ${environment.command}`,
      `cniVersion is "${cniVersion}", ${environment.command} exists since ${since}`,
    );
  }
  const netconf = decodeNetConf(fields, { args: environment.args, text, cniVersion });
  return { ...environment, cniVersion, network, netconf, stdin: text };
}

function parseJson(text: string, bytes: number): unknown {
  if (bytes > INPUT_LIMIT) {
    const problem = `network configuration on standard input is longer than ${INPUT_LIMIT} bytes`;
    throw new CniError(CNI_ERROR.decode, problem, "want one JSON object");
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = `network configuration on standard input is not JSON: ${String(cause)}`;
    throw new CniError(CNI_ERROR.decode, problem, `it begins with ${quote(text.slice(0, 60))}`, { cause });
  }
}

function requireNetworkName(fields: Fields<NetconfDocument>): string {
  const name = stringField(fields, "name") ?? "";
  if (name === "")
    throw new CniError(CNI_ERROR.invalidNetconf, "name: missing network name", 'want "name": "mynet"');
  if (!IDENTIFIER.test(name)) {
    const wanted = "want a letter or digit followed by letters, digits, '_', '.' or '-'";
    throw new CniError(CNI_ERROR.invalidNetconf, `name: ${quote(name)} has invalid characters`, wanted);
  }
  return name;
}
