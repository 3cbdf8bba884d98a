/** A network configuration with all that runtime and user add to it, decoded once. */

import type { Address } from "../../addr/address.ts";
import { booleanField, type Fields, field, objectField, stringField } from "../../json/fields.ts";
import { toText } from "../../json/located.ts";
import { type PodName, readArguments, readPodName } from "../arguments.ts";
import { decodeResult } from "../decode-result.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import type { Result } from "../result.ts";
import type { CniVersion } from "../versions.ts";
import { type BridgeConfig, decodeBridge, decodeGateway, type GatewayConfig } from "./bridge.ts";
import { decodeInterface, type InterfaceConfig } from "./interface.ts";
import {
  decodeHostLocal,
  decodeIpam,
  decodeRequestedAddresses,
  type HostLocalConfig,
  type IpamConfig,
} from "./ipam.ts";
import { lazily } from "./lazily.ts";
import { decodeLog, type LogConfig } from "./log.ts";
import { allOf, firstOf, type Places, PRECEDENCE } from "./precedence.ts";
import { decodeSelections, decodeTier, type Selections, type TierSelection } from "./selection.ts";
import { decodeShaping, type Shaping } from "./shaping.ts";
import { decodeTraffic, type TrafficConfig } from "./traffic.ts";
import { decodeTuning, type TuningConfig } from "./tuning.ts";
import { type AttachmentName, decodeValidAttachments } from "./valid-attachments.ts";

/**
 * The sections of a configuration. Each is decoded when it is first read, and throws a {@link CniError} 7 with the path of
 * the field that is wrong: what a verb does not read cannot fail it.
 */
export interface NetConf {
  /** The plugin that the configuration is for; empty where it names none. */
  readonly type: string;
  readonly interface: InterfaceConfig;
  /** The configuration's own bridge. */
  readonly bridge: BridgeConfig;
  /** What of the bridge a removal has to know. */
  readonly gateway: GatewayConfig;
  readonly ipam: IpamConfig;
  /** Of the built-in host-local. */
  readonly hostLocal: HostLocalConfig;
  readonly traffic: TrafficConfig;
  /** Frames of the pod with another sender are dropped. */
  readonly macspoofchk: boolean;
  /** Accept the bridge's packets in other programs' chains that drop what is forwarded. */
  readonly forward: boolean;
  /** Undefined where nothing is limited. */
  readonly shaping: Shaping | undefined;
  readonly tuning: TuningConfig;
  /** Networks by name; undefined where the pod asks for none. */
  readonly selections: Selections | undefined;
  /** A performance tier that stands beside no network. */
  readonly tier: TierSelection | undefined;
  /** Addresses asked for by name. */
  readonly addresses: readonly Address[];
  /** True where the runtime hands over host ports. */
  readonly hasHostPorts: boolean;
  /** PCI address that a device plugin has given; undefined where none has. */
  readonly device: string | undefined;
  /** Absent: the usual directory. */
  readonly configDir: string | undefined;
  /** Of this node; empty where it has none. */
  readonly zone: string;
  /** Of Kubernetes; empty where the runtime names none. */
  readonly namespace: string;
  /** The Kubernetes pod that the container is for; undefined where the runtime names none. */
  readonly pod: PodName | undefined;
  /** What ADD gave; undefined where the runtime says nothing of it. */
  readonly prevResult: Result | undefined;
  /** For GC; undefined where the runtime gave no list. */
  readonly validAttachments: readonly AttachmentName[] | undefined;
  /** Undefined where nothing is to be written. */
  readonly log: LogConfig | undefined;
}

/** What comes with a configuration. */
export interface Surroundings {
  /** CNI_ARGS. */
  readonly args?: string;
  /** The configuration as it came: names given twice are lost in its fields. */
  readonly text?: string;
  readonly cniVersion: CniVersion;
}

export function decodeNetConf(
  configuration: Fields<NetconfDocument>,
  { args = "", text = "", cniVersion }: Surroundings,
): NetConf {
  const places = placesOf(configuration, args);
  return lazily<NetConf>({
    type: () => stringField(configuration, "type") ?? "",
    interface: () => decodeInterface(places),
    bridge: () => decodeBridge(places),
    gateway: () => decodeGateway(places),
    ipam: () => decodeIpam(places),
    hostLocal: () => decodeHostLocal(places),
    traffic: () => decodeTraffic(places),
    macspoofchk: () => booleanField(configuration, "macspoofchk"),
    forward: () => booleanField(configuration, "forward"),
    shaping: () => decodeShaping(places),
    tuning: () => decodeTuning(places, text),
    selections: () => decodeSelections(places),
    tier: () => decodeTier(places),
    addresses: () => decodeRequestedAddresses(places),
    hasHostPorts: () => allOf(PRECEDENCE.ports, places).length > 0,
    device: () => decodeDevice(places),
    configDir: () => stringField(configuration, "configDir") || undefined,
    zone: () => stringField(configuration, "zone") ?? "",
    namespace: () => places.args.get("K8S_POD_NAMESPACE") ?? "",
    pod: () => readPodName(args),
    prevResult: () => {
      const prevResult = field(configuration, "prevResult");
      return prevResult && decodeResult(prevResult, cniVersion);
    },
    validAttachments: () => decodeValidAttachments(places),
    log: () => decodeLog(places),
  });
}

function placesOf(configuration: Fields<NetconfDocument>, args: string): Places {
  return lazily<Places>({
    configuration: () => configuration,
    runtimeConfig: () => objectField(configuration, "runtimeConfig"),
    user: () => objectField(objectField(configuration, "args"), "cni"),
    args: () => readArguments(args),
  });
}

function decodeDevice(places: Places): string | undefined {
  const located = firstOf(PRECEDENCE.device, places);
  return located && toText(located);
}
