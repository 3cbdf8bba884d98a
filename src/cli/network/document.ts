/** The options of `podwire network create` as the document that a person would have written. */

import { parseDecimal } from "../../addr/address.ts";
import { documentOf, InvalidFile } from "../../network/format/document.ts";
import { decodeNetwork } from "../../network/format/network.ts";
import type { Network } from "../../network/model.ts";
import { isName, WANT_NAME } from "../../network/name.ts";
import { misused } from "../failure.ts";

export interface CreateOptions {
  readonly subnet?: readonly string[];
  readonly start?: readonly string[];
  readonly end?: readonly string[];
  readonly gateway?: readonly string[];
  readonly vlan?: string;
  readonly vlanQos?: string;
  readonly vlanProto?: string;
  readonly networkGroup?: string;
  readonly zone?: string;
  readonly type?: string;
  readonly mtu?: string;
  readonly attach?: string;
  readonly pf?: readonly string[];
  readonly vfs?: string;
  readonly driver?: string;
  readonly bind?: true;
  readonly spoofchk?: "on" | "off";
  readonly trust?: "on" | "off";
  readonly linkState?: string;
  readonly uplink?: string;
}

/** Which option a member of the document comes from, by the member's own name. */
const OPTION_OF: Readonly<Record<string, string>> = {
  subnet: "--subnet",
  ranges: "--subnet",
  start: "--start",
  end: "--end",
  gateway: "--gateway",
  vlan: "--vlan",
  vlanQos: "--vlan-qos",
  vlanProto: "--vlan-proto",
  group: "--network-group",
  zone: "--zone",
  type: "--type",
  mtu: "--mtu",
  kind: "--attach",
  pfs: "--pf",
  vfs: "--vfs",
  driver: "--driver",
  bind: "--bind",
  spoofchk: "--spoofchk",
  trust: "--trust",
  linkState: "--link-state",
  uplink: "--uplink",
};

const LARGEST = 2 ** 32;

/** The network that the options describe. @throws {Failure} naming the option that is wrong */
export function toNetwork(name: string, options: CreateOptions): Network {
  if (!isName(name)) throw misused(`"${name}" is no name for a network`, `want ${WANT_NAME}`);
  const document = {
    type: options.type,
    ranges: toRanges(options),
    vlan: toNumber(options.vlan),
    vlanQos: toNumber(options.vlanQos),
    vlanProto: options.vlanProto,
    group: options.networkGroup,
    zone: options.zone,
    mtu: toNumber(options.mtu),
    attach: toAttach(options),
  };
  return decodeOptions(document, name);
}

/** Reads a document whose members came from options. @throws {Failure} naming the option that is wrong */
export function decodeOptions(document: object, name: string): Network {
  try {
    // By way of text, in which members without a value are absent.
    return decodeNetwork(documentOf("", JSON.parse(JSON.stringify(document))), name);
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    throw misused(`network "${name}": ${toOption(error.field)}: ${error.problem}`);
  }
}

function toOption(field: string): string {
  const member = field.slice(field.lastIndexOf(".") + 1).split("[")[0] ?? "";
  return OPTION_OF[member] ?? member;
}

/** A whole number as one, anything else as it is, for the reader of the document to refuse. */
function toNumber(text: string | undefined): number | string | undefined {
  return text === undefined ? undefined : (parseDecimal(text, LARGEST) ?? text);
}

const FAMILY_KEYS = ["start", "end", "gateway"] as const;

/** One range for each subnet, with the start, end and gateway of the subnet's family. */
function toRanges(options: CreateOptions): object[] {
  const subnets = options.subnet ?? [];
  for (const key of ["subnet", ...FAMILY_KEYS] as const)
    requireOnePerFamily(key, options[key] ?? [], subnets);
  return subnets.map((subnet) => {
    const ofFamily = (texts: readonly string[] = []) => texts.find((text) => isIpv6(text) === isIpv6(subnet));
    const [start, end, gateway] = FAMILY_KEYS.map((key) => ofFamily(options[key]));
    return { subnet, start, end, gateway };
  });
}

function requireOnePerFamily(key: string, texts: readonly string[], subnets: readonly string[]): void {
  for (const [index, text] of texts.entries()) {
    const family = isIpv6(text) ? "IPv6" : "IPv4";
    const isSecond = texts.findIndex((other) => isIpv6(other) === isIpv6(text)) < index;
    if (isSecond)
      throw misused(
        `--${key} ${text}: a second one for ${family}`,
        "a network has one range for each family",
      );
    if (!subnets.some((subnet) => isIpv6(subnet) === isIpv6(text))) {
      throw misused(`--${key} ${text}: there is no ${family} --subnet`);
    }
  }
}

function isIpv6(text: string): boolean {
  return text.includes(":");
}

function toAttach(options: CreateOptions): object {
  const { attach: kind, pf: pfs, vfs, driver, bind, linkState, uplink } = options;
  return {
    kind,
    uplink,
    pfs,
    vfs,
    driver,
    bind,
    spoofchk: isOn(options.spoofchk),
    trust: isOn(options.trust),
    linkState,
  };
}

function isOn(text: "on" | "off" | undefined): boolean | undefined {
  return text === undefined ? undefined : text === "on";
}
