/** Which networks a pod asks for by name: in annotations, in CNI_ARGS, in `args.cni`, or in the configuration. */

import { CniError, invalidNetconf } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { type Fields, field, integerField, objectField, stringField, toFields } from "../../json/fields.ts";
import { type Located, toText } from "../../json/located.ts";
import { firstOf, type Places, PRECEDENCE } from "./precedence.ts";

/** What names the network of one interface. */
export type Target =
  | { readonly kind: "network"; readonly name: string }
  | { readonly kind: "networkGroup"; readonly name: string }
  /** A persistent endpoint. */
  | { readonly kind: "endpointId"; readonly name: string }
  /** The persistent endpoint whose place among those of this prefix is the pod's ordinal. */
  | { readonly kind: "endpointPrefix"; readonly name: string };

/** The network that one interface of the pod is to be in. */
export interface NetworkSelection {
  /** Where it stands, for errors. */
  readonly path: string;
  readonly target: Target;
  readonly perfTier: string | undefined;
  /** Priority of the default route by this interface. */
  readonly metric: number | undefined;
}

/** A performance tier that is asked for, and where. */
export interface TierSelection {
  readonly path: string;
  readonly perfTier: string;
}

/** The configuration's own bridge, whatever the default network is. */
export const OWN_BRIDGE = "none";

/** One selection for each interface, the runtime's first. */
export type Selections = readonly NetworkSelection[] | typeof OWN_BRIDGE;

const ANNOTATIONS = "io.kubernetes.cri.pod-annotations";
const PREFIX = "diamanti.com/endpoint";
const TARGETS = ["network", "networkGroup", "endpointId", "endpointPrefix"] as const;
const KEYS = [...TARGETS, "perfTier", "metric"].map((key) => key.toLowerCase());
const MOST_ENDPOINTS = 16;
const LARGEST_METRIC = 2 ** 32 - 1; // u32 of RTA_PRIORITY

/**
 * Undefined where the pod says nothing. Annotations, which may name several networks, win over the places of a single one.
 * @throws {CniError} 7 with the path of the annotation or field
 */
export function decodeSelections(places: Places): Selections | undefined {
  return decodeAnnotations(places) ?? decodeSingle(places);
}

function decodeAnnotations({ runtimeConfig, configuration }: Places): Selections | undefined {
  if (field(runtimeConfig, ANNOTATIONS) === undefined) return undefined;
  const ours = [...objectField(runtimeConfig, ANNOTATIONS).byKey].filter(([key]) => key.startsWith(PREFIX));
  if (ours.length === 0) return undefined;
  const plain = ours.find(([key]) => key === PREFIX)?.[1];
  const numbered = ours.filter(([key]) => key !== PREFIX);
  if (plain === undefined) {
    requireFew(numbered.length, integerField(configuration, "maxEndpoints", 1, 64) ?? MOST_ENDPOINTS);
    return sorted(numbered).map(decodeAnnotation);
  }
  if (toText(plain).trim() !== OWN_BRIDGE) throw invalidNetconf(plain.path, `"${OWN_BRIDGE}"`, plain.value);
  if (numbered.length === 0) return OWN_BRIDGE;
  const problem = `${plain.path}: is "${OWN_BRIDGE}", and there is ${numbered[0]?.[1].path} too`;
  throw new CniError(CNI_ERROR.invalidNetconf, problem, "want one or the other");
}

/** Who writes a pod's annotations must not be able to take every address of a network. */
function requireFew(count: number, most: number): void {
  if (count <= most) return;
  const problem = `runtimeConfig.${ANNOTATIONS}: ${count} networks are asked for, want at most ${most}`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'ask for fewer, or allow more by "maxEndpoints" in the plugin\'s configuration',
  );
}

/** endpoint0, endpoint1, …: the numbers are the places of the pod's interfaces. */
function sorted(entries: readonly (readonly [string, Located])[]): Located[] {
  const byKey = new Map(entries);
  return entries.map((_, index) => {
    const located = byKey.get(`${PREFIX}${index}`);
    if (located !== undefined) return located;
    const given = [...byKey.keys()].join(", ");
    const problem = `runtimeConfig.${ANNOTATIONS}: ${PREFIX}${index} is missing beside ${given}`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want numbers from 0 on, without gaps");
  });
}

function decodeAnnotation({ path, value }: Located): NetworkSelection {
  const fields = toFields({ path, value: parseJson({ path, value }) });
  const unknown = [...fields.byKey].find(([key]) => !KEYS.includes(key));
  if (unknown !== undefined) {
    const problem = `${unknown[1].path}: nothing has this name`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      `want one of ${TARGETS.join(", ")}, and perfTier, metric`,
    );
  }
  return {
    path,
    target: decodeTarget(fields),
    perfTier: stringField(fields, "perfTier") || undefined,
    metric: integerField(fields, "metric", 0, LARGEST_METRIC),
  };
}

function parseJson(located: Located): unknown {
  const text = toText(located);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = `${located.path}: ${text.slice(0, 60)} is not JSON: ${String(cause)}`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, 'want an object like {"network": "web"}', {
      cause,
    });
  }
}

function decodeTarget(fields: Fields): Target {
  const given = TARGETS.filter((key) => (stringField(fields, key) ?? "") !== "");
  const [kind] = given;
  if (kind !== undefined && given.length === 1) return { kind, name: stringField(fields, kind) ?? "" };
  const problem = `${fields.path}: ${given.length === 0 ? "names no network" : `names ${given.join(" and ")}`}`;
  throw new CniError(CNI_ERROR.invalidNetconf, problem, `want exactly one of ${TARGETS.join(", ")}`);
}

/** One network for the one interface. */
function decodeSingle(places: Places): Selections | undefined {
  const located = firstOf(PRECEDENCE.network, places);
  if (located === undefined) return undefined;
  const name = toText(located);
  if (name === OWN_BRIDGE) return OWN_BRIDGE;
  const perfTier = decodeTier(places)?.perfTier;
  return [{ path: located.path, target: { kind: "network", name }, perfTier, metric: undefined }];
}

/** The tier of the one interface, be there a network beside it or not. @throws {CniError} 7 with the path of the field */
export function decodeTier(places: Places): TierSelection | undefined {
  const located = firstOf(PRECEDENCE.perfTier, places);
  return located && { path: located.path, perfTier: toText(located) };
}
