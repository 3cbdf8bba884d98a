/** Reads the agent's configuration: each fault names the file and the field. */

import { isAsciiIfname, WANT_ASCII_IFNAME } from "../../addr/ifname.ts";
import { LARGEST_MTU, SMALLEST_MTU } from "../../addr/mtu.ts";
import { networkOf, type Prefix, parsePrefix } from "../../addr/prefix.ts";
import {
  booleanFieldIfAny,
  type Fields,
  field,
  integerField,
  noFields,
  required,
  toKnownFields,
} from "../../json/fields.ts";
import { faultAt, pathOf, toItems } from "../../json/located.ts";
import { parseDocument } from "../../network/format/document.ts";
import { choiceField, present, type TextForm, textField, toForm } from "../../network/format/forms.ts";
import {
  type ClusterConfig,
  NODE_ORIGINS,
  TRANSPORTS,
  type UplinkChoice,
  type VxlanConfig,
} from "./config.ts";

const CLUSTER_KEYS = ["nodes", "transport", "vxlan", "mtu", "uplink", "podRanges", "masquerade"];

const LARGEST_VNI = 0xff_ff_ff;
/** As flannel has them, and the kernel's default port. */
const VXLAN = { vni: 1, port: 8472 } as const;

const NETWORK: TextForm<Prefix> = {
  parse: (text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && networkOf(prefix).address.value === prefix.address.value
      ? prefix
      : undefined;
  },
  wanted: "a network like 10.244.0.0/16",
};

const UPLINK: TextForm<UplinkChoice> = {
  parse: (text) => {
    const network = NETWORK.parse(text);
    if (network !== undefined) return { network };
    return isAsciiIfname(text) ? { ifname: text } : undefined;
  },
  wanted: `the name of an interface (${WANT_ASCII_IFNAME}), or a network that its address is in`,
};

/** The member `cluster`; undefined where the file has none. @throws {InvalidFile} */
export function decodeAgentConfig(file: string, text: string): ClusterConfig | undefined {
  const document = toKnownFields(parseDocument(file, text), ["$schema", "cluster"]);
  const cluster = field(document, "cluster");
  return cluster === undefined ? undefined : decodeCluster(toKnownFields(cluster, CLUSTER_KEYS));
}

function decodeCluster(fields: Fields): ClusterConfig {
  const masquerade = membersOf(fields, "masquerade", ["enabled", "except"]);
  return present<ClusterConfig>({
    nodes: required(fields, "nodes", choiceField(fields, "nodes", NODE_ORIGINS)),
    transport: choiceField(fields, "transport", TRANSPORTS) ?? "auto",
    vxlan: decodeVxlan(membersOf(fields, "vxlan", ["vni", "port"])),
    mtu: decodeMtu(fields),
    uplink: textField(fields, "uplink", UPLINK),
    podRanges: networksField(fields, "podRanges"),
    masquerade: booleanFieldIfAny(masquerade, "enabled") ?? true,
    masqueradeExcept: networksField(masquerade, "except"),
  });
}

function decodeVxlan(fields: Fields): VxlanConfig {
  return {
    vni: integerField(fields, "vni", 1, LARGEST_VNI) ?? VXLAN.vni,
    port: integerField(fields, "port", 1, 65_535) ?? VXLAN.port,
  };
}

function decodeMtu(fields: Fields): number {
  const mtu = integerField(fields, "mtu", 0, LARGEST_MTU) ?? 0;
  if (mtu === 0 || mtu >= SMALLEST_MTU[6]) return mtu;
  throw faultAt(fields, "mtu", `want 0, or ${SMALLEST_MTU[6]} bytes at least, got ${mtu}`);
}

/** The fields of an object; none where it is absent. */
function membersOf(fields: Fields, key: string, known: readonly string[]): Fields {
  const located = field(fields, key);
  return located === undefined
    ? noFields(pathOf(fields, key), fields.reading)
    : toKnownFields(located, known);
}

function networksField(fields: Fields, key: string): Prefix[] {
  const located = field(fields, key);
  return located === undefined ? [] : toItems(located).map((item) => toForm(item, NETWORK));
}
