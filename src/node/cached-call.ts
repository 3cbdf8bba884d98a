/** The ADD of an attachment as the runtime remembers it: libcni's cache, from which it makes its CHECK and DEL. */

import type { AttachmentRecord } from "../attachment/record.ts";
import { readEnvironment } from "../cni/environment.ts";
import { CniError } from "../cni/error.ts";
import { type Fields, field, listField, objectField, stringField, toFields } from "../cni/json.ts";
import { decodeRequest, type Request } from "../cni/request.ts";
import { readTextFileIfAny } from "../linux/file.ts";

/** Of containerd, CRI-O and Podman alike (libcni/api.go, CacheDir). */
const CACHE_DIR = "/var/lib/cni/results";

const PLUGIN = "podwire";

/** The runtime's CHECK of the attachment; undefined where it remembers nothing, or nothing that can be read. */
export function readCachedCall(record: AttachmentRecord): Request | undefined {
  const { network, containerId, primary, ifname } = record;
  const text = readTextFileIfAny(`${CACHE_DIR}/${network}-${containerId}-${primary ?? ifname}`);
  if (text === undefined) return undefined;
  try {
    return decodeCall(toFields({ path: "", value: JSON.parse(text) }), record);
  } catch (error) {
    const isGarbled = error instanceof SyntaxError || error instanceof DOMException; // JSON, base64
    if (isGarbled || error instanceof CniError) return undefined; // safe: the record tells most of it
    throw error;
  }
}

/** `struct cachedInfo`: the list of plugins in base64, what the runtime gave beside it, the result. */
function decodeCall(cached: Fields, record: AttachmentRecord): Request | undefined {
  const { network, containerId, primary, ifname, netns } = record;
  const list = toFields({ path: "config", value: JSON.parse(atob(stringField(cached, "config") ?? "")) });
  const plugins = listField(list, "plugins")?.map(toFields) ?? [list];
  const plugin = plugins.find((candidate) => stringField(candidate, "type") === PLUGIN);
  if (plugin === undefined || field(cached, "result") === undefined) return undefined;
  const environment = readEnvironment({
    CNI_COMMAND: "ADD", // old versions have no CHECK
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns,
    CNI_IFNAME: primary ?? ifname,
    CNI_ARGS: argumentsIn(cached),
  });
  const netconf = {
    ...membersOf(plugin),
    name: network,
    cniVersion: stringField(list, "cniVersion"),
    runtimeConfig: capabilitiesIn(cached, objectField(plugin, "capabilities")),
    prevResult: field(cached, "result")?.value,
  };
  return decodeRequest(environment, new TextEncoder().encode(JSON.stringify(netconf)));
}

function membersOf({ byKey }: Fields): object {
  return Object.fromEntries([...byKey].map(([key, { value }]) => [key, value]));
}

/** A plugin gets what it declares. */
function capabilitiesIn(cached: Fields, declared: Fields): object {
  const given = objectField(cached, "capabilityArgs").byKey;
  return Object.fromEntries(
    [...given].flatMap(([name, { value }]) => (field(declared, name)?.value === true ? [[name, value]] : [])),
  );
}

/** Pairs, as `["K8S_POD_NAME", "cart-0"]`. */
function argumentsIn(cached: Fields): string {
  const pairs = listField(cached, "cniArgs") ?? [];
  return pairs.map(({ value }) => (Array.isArray(value) ? value.join("=") : "")).join(";");
}
