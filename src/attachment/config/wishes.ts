/** Which networks a pod asks for by name: in annotations, in CNI_ARGS, or in the configuration. */

import { readArguments } from "../../cni/arguments.ts";
import { CNI_ERROR, CniError, invalidNetconf } from "../../cni/error.ts";
import {
  type Fields,
  field,
  integerField,
  type Located,
  objectField,
  stringField,
  toFields,
  toText,
} from "../../cni/json.ts";
import type { Request } from "../../cni/request.ts";

/** What names the network of one interface. */
export type Target =
  | { readonly kind: "network"; readonly name: string }
  | { readonly kind: "networkGroup"; readonly name: string }
  /** A persistent endpoint. */
  | { readonly kind: "endpointId"; readonly name: string }
  /** The persistent endpoint whose place among those of this prefix is the pod's ordinal. */
  | { readonly kind: "endpointPrefix"; readonly name: string };

export interface Wish {
  /** Where it stands, for errors. */
  readonly path: string;
  readonly target: Target;
  readonly perfTier: string | undefined;
  /** Priority of the default route by this interface. */
  readonly metric: number | undefined;
}

/** The configuration's own bridge, whatever the default network is. */
export const OWN_BRIDGE = "none";

const ANNOTATIONS = "io.kubernetes.cri.pod-annotations";
const PREFIX = "diamanti.com/endpoint";
const TARGETS = ["network", "networkGroup", "endpointId", "endpointPrefix"] as const;
const KEYS = [...TARGETS, "perfTier", "metric"].map((key) => key.toLowerCase());
const LARGEST_METRIC = 2 ** 32 - 1; // u32 of RTA_PRIORITY

/**
 * The pod's wishes, the first for the runtime's interface; `OWN_BRIDGE` where it wants no network by name; undefined
 * where it says nothing. Annotations come before CNI_ARGS, those before `args.cni`, that before the configuration.
 * @throws {CniError} 7 with the path of the annotation or field
 */
export function decodeWishes(request: Request): readonly Wish[] | typeof OWN_BRIDGE | undefined {
  return decodeAnnotations(request) ?? decodeSingle(request);
}

function decodeAnnotations({ netconf }: Request): readonly Wish[] | typeof OWN_BRIDGE | undefined {
  const runtimeConfig = objectField(netconf, "runtimeConfig");
  if (field(runtimeConfig, ANNOTATIONS) === undefined) return undefined;
  const ours = [...objectField(runtimeConfig, ANNOTATIONS).byKey].filter(([key]) => key.startsWith(PREFIX));
  if (ours.length === 0) return undefined;
  const plain = ours.find(([key]) => key === PREFIX)?.[1];
  const numbered = ours.filter(([key]) => key !== PREFIX);
  if (plain === undefined) return inOrder(numbered).map(decodeAnnotation);
  if (toText(plain).trim() !== OWN_BRIDGE) throw invalidNetconf(plain.path, `"${OWN_BRIDGE}"`, plain.value);
  if (numbered.length === 0) return OWN_BRIDGE;
  const problem = `${plain.path}: is "${OWN_BRIDGE}", and there is ${numbered[0]?.[1].path} too`;
  throw new CniError(CNI_ERROR.invalidNetconf, problem, "want one or the other");
}

/** endpoint0, endpoint1, …: the numbers are the places of the pod's interfaces. */
function inOrder(entries: readonly (readonly [string, Located])[]): Located[] {
  const byKey = new Map(entries);
  return entries.map((_, index) => {
    const located = byKey.get(`${PREFIX}${index}`);
    if (located !== undefined) return located;
    const given = [...byKey.keys()].join(", ");
    const problem = `runtimeConfig.${ANNOTATIONS}: ${PREFIX}${index} is missing beside ${given}`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want numbers from 0 on, without gaps");
  });
}

function decodeAnnotation({ path, value }: Located): Wish {
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

/** A tier that is asked for, and where. */
export interface TierWish {
  readonly path: string;
  readonly perfTier: string;
}

/** The tier that stands in CNI_ARGS, `args.cni` or the configuration, be there a network beside it or not. */
export function decodeTierWish(request: Request): TierWish | undefined {
  return sourcesOf(request)
    .map(({ tierPath, perfTier }) => ({ path: tierPath, perfTier }))
    .find((wish): wish is TierWish => (wish.perfTier ?? "") !== "");
}

/** One network for the one interface. */
function decodeSingle(request: Request): readonly Wish[] | typeof OWN_BRIDGE | undefined {
  const { path = "", network: name } = sourcesOf(request).find(({ network }) => (network ?? "") !== "") ?? {};
  if (name === undefined) return undefined;
  if (name === OWN_BRIDGE) return OWN_BRIDGE;
  const perfTier = decodeTierWish(request)?.perfTier;
  return [{ path, target: { kind: "network", name }, perfTier, metric: undefined }];
}

/** Where a network for the one interface may be named. */
interface Source {
  readonly path: string;
  readonly network: string | undefined;
  readonly tierPath: string;
  readonly perfTier: string | undefined;
}

/** The first one that names a network counts, and the first one that names a tier. */
function sourcesOf({ args, netconf }: Request): readonly Source[] {
  const pairs = readArguments(args);
  const user = objectField(objectField(netconf, "args"), "cni");
  return [
    {
      path: "CNI_ARGS PODWIRE_NETWORK",
      network: pairs.get("PODWIRE_NETWORK"),
      tierPath: "CNI_ARGS PODWIRE_PERF_TIER",
      perfTier: pairs.get("PODWIRE_PERF_TIER"),
    },
    {
      path: "args.cni.network",
      network: stringField(user, "network"),
      tierPath: "args.cni.perfTier",
      perfTier: stringField(user, "perfTier"),
    },
    {
      path: "network",
      network: stringField(netconf, "network"),
      tierPath: "perfTier",
      perfTier: stringField(netconf, "perfTier"),
    },
  ];
}
