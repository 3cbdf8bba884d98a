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
import { decodeLog, type LogConfig } from "./log.ts";
import { allOf, firstOf, type Places, PRECEDENCE } from "./precedence.ts";
import { decodeMode, decodePtp, type Mode, type PtpConfig } from "./ptp.ts";
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
  /** What the configuration's own pods are attached by. */
  readonly mode: Mode;
  /** The fields of the mode `ptp`. */
  readonly ptp: PtpConfig;
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
  /** Router advertisements of the pod are dropped, whatever its bridge is. */
  readonly raGuard: boolean;
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
  /** STATUS counts what is used up among its reasons. */
  readonly notReadyWhenFull: boolean;
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

/** Nothing is decoded yet. */
export function decodeNetConf(
  configuration: Fields<NetconfDocument>,
  { args = "", text = "", cniVersion }: Surroundings,
): NetConf {
  return new LazyNetConf(new LazyPlaces(configuration, readArguments(args)), { args, text, cniVersion });
}

/** The places of a call; `runtimeConfig` and `args` are held against their type when something in them is asked for. */
class LazyPlaces implements Places {
  readonly configuration: Fields<NetconfDocument>;
  readonly args: ReadonlyMap<string, string>;

  constructor(configuration: Fields<NetconfDocument>, args: ReadonlyMap<string, string>) {
    this.configuration = configuration;
    this.args = args;
  }

  get runtimeConfig() {
    return objectField(this.configuration, "runtimeConfig");
  }

  get user() {
    return objectField(objectField(this.configuration, "args"), "cni");
  }
}

/** Getters of a class, not closures of each call: these would cost pages of memory. */
class LazyNetConf implements NetConf {
  readonly #places: Places;
  readonly #given: Required<Surroundings>;
  readonly #decoded = new Map<keyof NetConf, unknown>();

  constructor(places: Places, given: Required<Surroundings>) {
    this.#places = places;
    this.#given = given;
  }

  /** What a decoder throws is not kept. */
  #once<K extends keyof NetConf>(key: K, decode: (places: Places) => NetConf[K]): NetConf[K] {
    if (!this.#decoded.has(key)) this.#decoded.set(key, decode(this.#places));
    return this.#decoded.get(key) as NetConf[K]; // `as`: set under this key alone
  }

  get type() {
    return stringField(this.#places.configuration, "type") ?? "";
  }
  get interface() {
    return this.#once("interface", decodeInterface);
  }
  get mode() {
    return this.#once("mode", decodeMode);
  }
  get ptp() {
    return this.#once("ptp", decodePtp);
  }
  get bridge() {
    return this.#once("bridge", decodeBridge);
  }
  get gateway() {
    return this.#once("gateway", decodeGateway);
  }
  get ipam() {
    return this.#once("ipam", decodeIpam);
  }
  get hostLocal() {
    return this.#once("hostLocal", decodeHostLocal);
  }
  get traffic() {
    return this.#once("traffic", decodeTraffic);
  }
  get macspoofchk() {
    return booleanField(this.#places.configuration, "macspoofchk");
  }
  get raGuard() {
    return booleanField(this.#places.configuration, "raGuard");
  }
  get forward() {
    return booleanField(this.#places.configuration, "forward");
  }
  get shaping() {
    return this.#once("shaping", decodeShaping);
  }
  get tuning() {
    return this.#once("tuning", (places) => decodeTuning(places, this.#given.text));
  }
  get selections() {
    return this.#once("selections", decodeSelections);
  }
  get tier() {
    return this.#once("tier", decodeTier);
  }
  get addresses() {
    return this.#once("addresses", decodeRequestedAddresses);
  }
  get hasHostPorts() {
    return allOf(PRECEDENCE.ports, this.#places).length > 0;
  }
  get device() {
    return this.#once("device", decodeDevice);
  }
  get configDir() {
    return stringField(this.#places.configuration, "configDir") || undefined;
  }
  get notReadyWhenFull() {
    return booleanField(this.#places.configuration, "notReadyWhenFull");
  }
  get zone() {
    return stringField(this.#places.configuration, "zone") ?? "";
  }
  get namespace() {
    return this.#places.args.get("K8S_POD_NAMESPACE") ?? "";
  }
  get pod() {
    return readPodName(this.#given.args);
  }
  get prevResult() {
    return this.#once("prevResult", ({ configuration }) => {
      const prevResult = field(configuration, "prevResult");
      return prevResult && decodeResult(prevResult, this.#given.cniVersion);
    });
  }
  get validAttachments() {
    return this.#once("validAttachments", decodeValidAttachments);
  }
  get log() {
    return this.#once("log", decodeLog);
  }
}

function decodeDevice(places: Places): string | undefined {
  const located = firstOf(PRECEDENCE.device, places);
  return located && toText(located);
}
