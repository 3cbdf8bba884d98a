/** What this kernel can do, tried for real, held against what the configurations of this node ask for. */

import type { Network } from "../../../../network/model.ts";
import { type FeatureName, type Lacks, probeFeatures } from "../../../../node/features.ts";
import type { Facts } from "../../facts.ts";
import { type Check, type Finding, fault, ok, warning } from "../../finding.ts";
import { type OwnNetwork, placeOf } from "../../own-network.ts";

const GROUP = "kernel";

export const KERNEL_CHECKS: readonly Check[] = [
  { group: GROUP, name: "version", run: ({ sysctl }) => judgeVersion(sysctl("kernel/osrelease") ?? "") },
  { group: GROUP, name: "features", run: (facts) => judgeFeatures(probeFeatures(), needsOf(facts)) },
];

const OLDEST = { major: 5, minor: 8 } as const;

export function judgeVersion(release: string): Finding[] {
  const [major = 0, minor = 0] = release.split(".").map((part) => Number.parseInt(part, 10));
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor))
    return [ok(`Linux ${release}`)];
  return [
    fault(`Linux ${release}`, {
      meaning: `podwire needs Linux ${OLDEST.major}.${OLDEST.minor} or later: ADDs fail with messages of the kernel`,
      command: "boot a later kernel",
    }),
  ];
}

interface Feature {
  readonly title: string;
  /** Where kernels are built without it, or its module is missing. */
  readonly config: string;
  /** Who asks for it; absent: every pod on a bridge. */
  readonly fields?: string;
}

const FEATURES: Readonly<Record<FeatureName, Feature>> = {
  bridge: { title: "bridges", config: "CONFIG_BRIDGE, module bridge" },
  veth: { title: "veth pairs", config: "CONFIG_VETH, module veth" },
  inetRules: {
    title: "nf_tables with NAT",
    config: "CONFIG_NF_TABLES_INET, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_FIB_INET, CONFIG_NFT_CT",
    fields: "ipMasq, ingressPolicy, host ports",
  },
  bridgeRules: {
    title: "nf_tables on bridges",
    config: "CONFIG_NF_TABLES_BRIDGE, module nf_tables",
    fields: "macspoofchk",
  },
  vlanFiltering: {
    title: "VLAN filtering by bridges",
    config: "CONFIG_BRIDGE_VLAN_FILTERING",
    fields: "vlan, vlanTrunk, networks with a VLAN on a bridge",
  },
  tokenBucket: {
    title: "token buckets",
    config: "CONFIG_NET_SCH_TBF, module sch_tbf",
    fields: "ingressRate, egressRate, bandwidth",
  },
  ifb: {
    title: "ifb devices",
    config: "CONFIG_IFB, CONFIG_NET_ACT_MIRRED, CONFIG_NET_CLS_U32, module ifb",
    fields: "egressRate, bandwidth",
  },
  uplinkClasses: {
    title: "classes of rates",
    config: "CONFIG_NET_SCH_HTB, CONFIG_NET_CLS_U32, module sch_htb",
    fields: "performance tiers of networks on an uplink",
  },
  macvlan: {
    title: "macvlan interfaces",
    config: "CONFIG_MACVLAN, module macvlan",
    fields: "networks with --attach macvlan",
  },
  vlan: {
    title: "interfaces of VLANs",
    config: "CONFIG_VLAN_8021Q, module 8021q",
    fields: "networks with a VLAN and --attach macvlan",
  },
};

/** Who on this node asks for a feature. */
export interface Asking {
  readonly feature: FeatureName;
  /** `"ipMasq" of plugins[0] of /etc/cni/net.d/10-podwire.conflist` */
  readonly by: string;
}

function needsOf({ own, named }: Facts): Asking[] {
  return [...own().flatMap(askingOf), ...named().networks.flatMap(askingOfNetwork)];
}

function askingOf(network: OwnNetwork): Asking[] {
  return network.needs.map(({ feature, field }) => ({ feature, by: `"${field}" in ${placeOf(network)}` }));
}

export function askingOfNetwork({ name, vlan, attach }: Network): Asking[] {
  const isTagged = vlan !== undefined;
  const by = `network "${name}"`;
  if (attach.kind === "bridge") return isTagged ? [{ feature: "vlanFiltering", by }] : [];
  if (attach.kind !== "macvlan") return [];
  return [{ feature: "macvlan", by }, ...(isTagged ? [{ feature: "vlan" as const, by }] : [])];
}

export function judgeFeatures(lacks: Lacks, asking: readonly Asking[]): Finding[] {
  const names = Object.keys(FEATURES) as FeatureName[]; // `as`: its keys
  const lacking = names.filter((name) => lacks[name] !== undefined);
  const missed = lacking.filter((name) => isNeeded(name, asking));
  const others = lacking.filter((name) => !isNeeded(name, asking));
  const present = names.filter((name) => lacks[name] === undefined).map((name) => FEATURES[name].title);
  return [
    ...missed.map((name) => missing(name, lacks[name] ?? "", asking)),
    ...(missed.length > 0 ? [] : [ok("has what the configurations of this node ask for", present)]),
    ...(others.length === 0 ? [] : [unused(others)]),
  ];
}

function isNeeded(name: FeatureName, asking: readonly Asking[]): boolean {
  return FEATURES[name].fields === undefined || asking.some(({ feature }) => feature === name);
}

function missing(name: FeatureName, reason: string, asking: readonly Asking[]): Finding {
  const { title, config, fields } = FEATURES[name];
  const askers = asking.filter(({ feature }) => feature === name).map(({ by }) => by);
  return fault(`no ${title}: ${reason}`, {
    details: askers.map((by) => `asked for by ${by}`),
    meaning: fields === undefined ? "no pod gets a network" : "the ADDs of these pods fail",
    command: `load the module, or boot a kernel with ${config}`,
  });
}

function unused(names: readonly FeatureName[]): Finding {
  const each = names.map((name) => `no ${FEATURES[name].title} (${FEATURES[name].fields})`);
  return warning(each.join(", "), {
    meaning: "nothing on this node asks for it; the ADDs of pods that do will fail",
    command: `if pods are to have it: a kernel with ${names.map((name) => FEATURES[name].config).join(", ")}`,
  });
}
