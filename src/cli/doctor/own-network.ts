/** The entries of podwire in the runtime's configurations, as an ADD reads them. */

import type { Prefix } from "../../addr/prefix.ts";
import { driverOf } from "../../attachment/kinds/index.ts";
import { subnetsOf } from "../../attachment/plan/ipam.ts";
import { type AttachmentPlan, planOwn } from "../../attachment/plan/plan.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { ingressOfRecord, NO_INGRESS } from "../../attachment/rules/ingress.ts";
import { decodeNetConf } from "../../cni/netconf/netconf.ts";
import { LATEST_VERSION as cniVersion } from "../../cni/versions.ts";
import { CniError } from "../../error/cni-error.ts";
import { booleanField, type Fields, objectField, stringField } from "../../json/fields.ts";
import type { FeatureName } from "../../kernel/features.ts";
import type { Configuration } from "../../node/configurations.ts";

/** Something that a configuration asks of the kernel, and by which field. */
export interface Need {
  readonly feature: FeatureName;
  readonly field: string;
}

export interface OwnNetwork {
  readonly file: string;
  /** `plugins[0]` */
  readonly path: string;
  readonly name: string;
  /** Absent where each pod has a pair of its own with the node. */
  readonly bridge: string | undefined;
  /**
   * Where pods' packets enter the node: the bridge, or the node's interface in their VLAN of it; without a bridge, the
   * node's end of one that is not there.
   */
  readonly entry: string;
  readonly subnets: readonly Prefix[];
  /** Bytes; 0: that of the interface with the default route. */
  readonly mtu: number;
  readonly isGateway: boolean;
  /** No ADD turns forwarding on. */
  readonly leavesForwarding: boolean;
  /** Ways through others' chains are made for its pods. */
  readonly forward: boolean;
  /** Each of its pods has elements in podwire's tables. */
  readonly hasRules: boolean;
  readonly needs: readonly Need[];
}

/** Those of one configuration; entries that no ADD could follow are passed over, as another check names them. */
export function toOwnNetworks({ file, name, plugins }: Configuration): OwnNetwork[] {
  return plugins.flatMap((plugin, index) => {
    if (!isOwn(plugin)) return [];
    const attachment = { network: name, containerId: "doctor", ifname: "eth0" };
    const netconf = decodeNetConf(plugin, { cniVersion });
    try {
      return [
        toOwnNetwork(
          { file, path: `plugins[${index}]`, name },
          planOwn({ ...attachment, args: "", cniVersion, netconf }),
          plugin,
        ),
      ];
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      return []; // safe: what is wrong with it is said by the check of configurations
    }
  });
}

/** True for an entry that this executable serves. */
export function isOwn(plugin: Fields): boolean {
  try {
    return stringField(plugin, "type") === "podwire";
  } catch {
    return false; // safe: a type that is no text is nobody's, and named by the check of configurations
  }
}

function toOwnNetwork(
  place: Pick<OwnNetwork, "file" | "path" | "name">,
  plan: AttachmentPlan,
  plugin: Fields,
): OwnNetwork {
  const { link, addressing, traffic, config } = plan;
  const recorded = driverOf(link.kind).recorded(plan);
  return {
    ...place,
    bridge: recorded.bridge,
    entry: ingressOfRecord(recorded).ifname,
    subnets: subnetsOf(addressing),
    mtu: config.mtu,
    isGateway: config.isGateway,
    leavesForwarding: config.leavesForwarding,
    forward: recorded.forward === true,
    hasRules: traffic !== undefined,
    needs: needsOf(plugin),
  };
}

/** What its pods are named by: where they enter the node together, else the network. */
export function titleOf({ bridge, entry, name }: OwnNetwork): string {
  return bridge === undefined ? name : entry;
}

/** True for a pod that enters the node as those of the network do. */
export function isPodOf(record: AttachmentRecord, { bridge }: OwnNetwork): boolean {
  return record.bridge === bridge && ingressOfRecord(record) !== NO_INGRESS;
}

/** What each field asks of the kernel. */
const FIELDS: Readonly<Record<string, readonly FeatureName[]>> = {
  vlan: ["vlanFiltering"],
  vlanTrunk: ["vlanFiltering"],
  ipMasq: ["inetRules"],
  ingressPolicy: ["inetRules"],
  macspoofchk: ["bridgeRules"],
  raGuard: ["bridgeRules"],
  ingressRate: ["tokenBucket"],
  egressRate: ["tokenBucket", "ifb"],
};

const CAPABILITIES: Readonly<Record<string, readonly FeatureName[]>> = {
  portMappings: ["inetRules"],
  bandwidth: ["tokenBucket", "ifb"],
};

/** Fields that are absent, false, 0 or empty ask for nothing. */
function needsOf(plugin: Fields): Need[] {
  const capabilities = objectField(plugin, "capabilities");
  return [
    ...Object.entries(FIELDS)
      .filter(([key]) => Boolean(plugin.byKey.get(key.toLowerCase())?.value))
      .flatMap(([field, features]) => features.map((feature) => ({ feature, field }))),
    ...Object.entries(CAPABILITIES)
      .filter(([key]) => booleanField(capabilities, key))
      .flatMap(([key, features]) => features.map((feature) => ({ feature, field: `capabilities.${key}` }))),
  ];
}

/** `plugins[0] of /etc/cni/net.d/10-podwire.conflist` */
export function placeOf({ file, path }: Pick<OwnNetwork, "file" | "path">): string {
  return `${path} of ${file}`;
}
