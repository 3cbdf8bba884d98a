/** Records as text: each field by a row of its own, and what earlier versions wrote. */

import { type Address, formatAddress, parseAddress } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import type { PodName } from "../../cni/arguments.ts";
import type { RateConfig, Shaping } from "../../cni/netconf/shaping.ts";
import type { PortVlans, Span } from "../../cni/netconf/vlan.ts";
import type { RouteConfig } from "../../cni/result.ts";
import type { HostPort, HostPorts } from "../../nftables/features/host-port.ts";
import type { Crossing, SourcePorts } from "../../nftables/features/masquerade.ts";
import type { VfSettings } from "../../sriov/vf-settings.ts";
import type { OriginalNetdev } from "../attachment.ts";
import { LINK_KINDS } from "../plan/plan.ts";
import type { SourceRoutes } from "../plan/pod-addressing.ts";
import type { Traffic } from "../plan/traffic.ts";
import type { InterfaceSettings, Sysctl } from "../plan/tuning.ts";
import {
  decode,
  encode,
  type Fields,
  flag,
  InvalidRecord,
  integer,
  list,
  mark,
  object,
  oneOf,
  parsed,
  text,
  variant,
} from "./field.ts";
import type {
  AttachmentRecord,
  RecordedAddressing,
  RecordedInterface,
  RecordedNetwork,
  RecordedUplink,
  RecordedVf,
} from "./record.ts";

/** Version 1 had no number, an empty text for an absent interface, 0 for an absent MTU, and less of the plan. */
const VERSION = 2;

const address = parsed<Address>("an address", formatAddress, parseAddress);
const prefix = object<Prefix>({ address, prefixLength: integer }, ["address", "prefixLength"]);
const route = object<RouteConfig>(
  {
    dst: prefix,
    gw: address,
    mtu: integer,
    advmss: integer,
    priority: integer,
    table: integer,
    scope: integer,
  },
  ["dst"],
);

const span = object<Span>({ first: integer, last: integer }, ["first", "last"]);

const hostPort = object<HostPort>(
  { protocol: oneOf("tcp", "udp", "sctp"), hostPort: integer, containerPort: integer, hostIp: address },
  ["protocol", "hostPort", "containerPort"],
);
const hostPorts = object<HostPorts>(
  { mappings: list(hostPort), snat: flag, masqAll: flag, except: list(prefix) },
  ["mappings", "snat", "masqAll"],
);
const sourcePorts = object<SourcePorts>({ isRandom: flag, range: span }, ["isRandom"]);
const crossing = object<Crossing>({ ifname: text, address, kept: list(prefix) }, [
  "ifname",
  "address",
  "kept",
]);
const traffic = object<Traffic>(
  {
    kept: list(prefix),
    sourcePorts,
    dropsInvalid: mark,
    crossings: list(crossing),
    hostPorts,
    sender: text,
    raGuard: oneOf("default", "required"),
    ingressPolicy: oneOf("open", "same-bridge", "isolated"),
  },
  ["ingressPolicy"],
);

const rate = object<RateConfig>({ rate: integer, burst: integer }, ["rate"]);
const shaping = object<Shaping>({ ingress: rate, egress: rate }, []);

const portVlans = object<PortVlans>(
  { untagged: integer, own: integer, tagged: list(span), keepsDefault: flag },
  ["tagged", "keepsDefault"],
);
const sysctl = object<Sysctl>({ key: text, value: text, name: text }, ["key", "value", "name"]);
const settings = object<InterfaceSettings>(
  { sysctls: list(sysctl), promisc: flag, allmulti: flag, txQLen: integer },
  ["sysctls", "promisc", "allmulti"],
);
const recordedInterface = object<RecordedInterface>(
  {
    mac: text,
    isDown: mark,
    isGateway: mark,
    leavesForwarding: mark,
    hairpinMode: mark,
    promiscMode: mark,
    portIsolation: mark,
    raGuard: mark,
    portVlans,
    settings,
  },
  ["settings"],
);

const netdev = object<OriginalNetdev>({ ifname: text, mac: text, mtu: integer, txQueueLength: integer }, [
  "ifname",
  "mac",
  "mtu",
  "txQueueLength",
]);
const vfSettings = object<Partial<VfSettings>>(
  {
    mac: text,
    vlan: integer,
    qos: integer,
    proto: oneOf("802.1q", "802.1ad"),
    minTxRateMbps: integer,
    maxTxRateMbps: integer,
    spoofchk: flag,
    trust: flag,
    linkState: oneOf("auto", "enable", "disable"),
  },
  [],
);
const vf = object<RecordedVf>(
  {
    pf: text,
    index: integer,
    pciAddress: text,
    netdev,
    driver: text,
    driverOverride: text,
    isUserspace: mark,
    original: vfSettings,
    wanted: vfSettings,
  },
  ["pf", "index", "pciAddress", "driver", "original", "wanted"],
);

const addressing = variant<RecordedAddressing>({
  none: object({ kind: oneOf("none") }, ["kind"]),
  "host-local": object({ kind: oneOf("host-local"), dataDir: text, network: text }, [
    "kind",
    "dataDir",
    "network",
  ]),
  delegate: object({ kind: oneOf("delegate"), plugin: text, netconf: text }, ["kind", "plugin", "netconf"]),
});

const FIELDS: Fields<AttachmentRecord> = {
  network: text,
  containerId: text,
  ifname: text,
  kind: oneOf(...LINK_KINDS),
  pod: object<PodName>({ namespace: text, name: text, uid: text }, ["namespace", "name", "uid"]),
  netns: text,
  hostIfname: text,
  bridge: text,
  gatewayVlan: integer,
  mtu: integer,
  addressing,
  ips: list(prefix),
  gateways: list(address),
  routes: list(route),
  traffic,
  bySource: object<SourceRoutes>({ table: integer, from: list(address) }, ["table", "from"]),
  forward: mark,
  shaping,
  interface: recordedInterface,
  named: object<RecordedNetwork>({ name: text, tier: text, endpoint: text }, ["name", "tier"]),
  uplink: object<RecordedUplink>(
    { ifname: text, vlan: integer, mac: text, isShaped: mark, minMbps: integer, maxMbps: integer },
    ["ifname", "mac"],
  ),
  vf,
  companions: list(text),
  primary: text,
  createdAt: text,
};

const record = object<AttachmentRecord>(FIELDS, [
  "network",
  "containerId",
  "ifname",
  "kind",
  "netns",
  "addressing",
  "createdAt",
]);

export function encodeRecord(value: AttachmentRecord): string {
  return JSON.stringify({ version: VERSION, ...(encode(record, value) as object) }); // `as`: of an object
}

/** What became known later, as a line of its own: a reader finds all of it or none. */
export function encodeAddition(more: Partial<AttachmentRecord>): string {
  return `\n${JSON.stringify(encode<Partial<AttachmentRecord>>(record, more))}`;
}

/** @throws {InvalidRecord} {@link SyntaxError} */
export function decodeRecord(lines: string): AttachmentRecord {
  const [first, ...more]: unknown[] = lines.split("\n").map((line) => JSON.parse(line));
  const whole = Object.assign(toObject(first), ...more.map(toObject));
  return decode(record, whole.version === undefined ? fromVersion1(whole) : requireVersion(whole), "");
}

type Json = Record<string, unknown>;

function toObject(value: unknown): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json; // `as`: any object
  throw new InvalidRecord("want an object");
}

function requireVersion(value: Json): Json {
  if (value.version === VERSION) return value;
  throw new InvalidRecord(`version: is ${String(value.version)}, this podwire reads 1 and ${VERSION}`);
}

/** Before there were kinds, every attachment was to a bridge. */
function fromVersion1({ hostIfname, bridge, mtu, ...others }: Json): Json {
  return {
    kind: "bridge",
    ...others,
    ...(hostIfname === "" ? {} : { hostIfname }),
    ...(bridge === "" ? {} : { bridge }),
    ...(mtu === 0 ? {} : { mtu }),
  };
}
