/** What this kernel can do, tried for real, held against what the configurations of this node ask for. */

import { toCniError } from "../../../../attachment/errors.ts";
import { driverOf } from "../../../../attachment/kinds/index.ts";
import { planNamed } from "../../../../attachment/plan/plan-named.ts";
import { decodeNetConf } from "../../../../cni/netconf/netconf.ts";
import { LATEST_VERSION as cniVersion } from "../../../../cni/versions.ts";
import { noFields } from "../../../../json/fields.ts";
import {
  type FeatureName,
  KERNEL_FEATURES,
  probeFeatures,
  type Refusals,
} from "../../../../kernel/features.ts";
import { BEST_EFFORT_TIER } from "../../../../network/format/perf-tier.ts";
import type { Network } from "../../../../network/model.ts";
import type { Facts } from "../../facts.ts";
import { type Check, type Finding, fault, ok, warning } from "../../finding.ts";
import { type OwnNetwork, placeOf } from "../../own-network.ts";

const GROUP = "kernel";

export const KERNEL_CHECKS: readonly Check[] = [
  { group: GROUP, name: "version", run: ({ sysctl }) => judgeVersion(sysctl("kernel/osrelease") ?? "") },
  { group: GROUP, name: "features", run: (facts) => judgeFeatures(probeFeatures(NAMES), needsOf(facts)) },
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

const NAMES = Object.keys(KERNEL_FEATURES) as FeatureName[]; // `as`: its keys

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

const POD = { network: "doctor", containerId: "doctor", ifname: "eth0", args: "" };

/** As an ADD for a pod without wishes of its own would ask; what every pod on a bridge asks for is left out. */
export function askingOfNetwork(network: Network): Asking[] {
  const netconf = decodeNetConf(noFields(""), { cniVersion });
  const plans = planNamed({ ...POD, cniVersion, netconf }, [{ network, tier: BEST_EFFORT_TIER }]);
  return plans
    .flatMap((plan) => driverOf(plan.link.kind).kernelFeatures(plan))
    .filter((feature) => KERNEL_FEATURES[feature].askedFor !== "")
    .map((feature) => ({ feature, by: `network "${network.name}"` }));
}

/** `refusals` by the kernel, as {@link probeFeatures} gives them. */
export function judgeFeatures(refusals: Refusals, asking: readonly Asking[]): Finding[] {
  const lacking = NAMES.filter((name) => name in refusals);
  const missed = lacking.filter((name) => isNeeded(name, asking));
  const others = lacking.filter((name) => !isNeeded(name, asking));
  const present = NAMES.filter((name) => !(name in refusals)).map((name) => KERNEL_FEATURES[name].title);
  return [
    ...missed.map((name) => missing(name, toCniError(refusals[name]).message, asking)),
    ...(missed.length > 0 ? [] : [ok("has what the configurations of this node ask for", present)]),
    ...(others.length === 0 ? [] : [unused(others)]),
  ];
}

function isNeeded(name: FeatureName, asking: readonly Asking[]): boolean {
  return KERNEL_FEATURES[name].askedFor === "" || asking.some(({ feature }) => feature === name);
}

function missing(name: FeatureName, reason: string, asking: readonly Asking[]): Finding {
  const { title, config } = KERNEL_FEATURES[name];
  const askers = asking.filter(({ feature }) => feature === name).map(({ by }) => by);
  return fault(`no ${title}: ${reason}`, {
    details: askers.map((by) => `asked for by ${by}`),
    meaning: KERNEL_FEATURES[name].askedFor === "" ? "no pod gets a network" : "the ADDs of these pods fail",
    command: `load the module, or boot a kernel with ${config}`,
  });
}

function unused(names: readonly FeatureName[]): Finding {
  const each = names.map((name) => `no ${KERNEL_FEATURES[name].title} (${KERNEL_FEATURES[name].askedFor})`);
  return warning(each.join(", "), {
    meaning: "nothing on this node asks for it; the ADDs of pods that do will fail",
    command: `if pods are to have it: a kernel with ${names.map((name) => KERNEL_FEATURES[name].config).join(", ")}`,
  });
}
