/** The settings and kernel parameters of one of the pod's interfaces. */

import { PLACEHOLDER, type SysctlConfig, type TuningConfig } from "../../cni/netconf/tuning.ts";

/** A kernel parameter of the pod: a path below /proc/sys, with the interface's name in it. */
export interface Sysctl {
  readonly key: string;
  readonly value: string;
  /** As the user wrote it. */
  readonly name: string;
}

export interface InterfaceSettings extends Omit<TuningConfig, "sysctls"> {
  readonly sysctls: readonly Sysctl[];
}

/** The last value of each parameter counts. */
export function planTuning({ sysctls, ...others }: TuningConfig, ifname: string): InterfaceSettings {
  const byKey = new Map<string, Sysctl>();
  for (const config of sysctls) {
    const sysctl = toSysctl(config, ifname);
    byKey.set(sysctl.key, sysctl);
  }
  return { sysctls: [...byKey.values()], ...others };
}

function toSysctl({ parts, value, name }: SysctlConfig, ifname: string): Sysctl {
  const key = parts.map((part) => (part === PLACEHOLDER ? ifname : part)).join("/");
  return { key, value, name };
}
