/** Kernel parameters that the user wants in the pod; they and the interface's settings are checked here. */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import type { Link } from "../../link/link.ts";
import type { NetnsHandle } from "../../linux/netns.ts";
import { withOwnProcfs } from "../../linux/procfs.ts";
import { readSysctl, setSysctl } from "../../linux/sysctl.ts";
import type { InterfaceSettings, Sysctl } from "../plan/tuning.ts";
import { containerEnd, differencesOf } from "./differences.ts";
import type { AddContext, CheckContext } from "./step.ts";

export const tuneContainer = {
  name: "tuneContainer",

  add({ plan, netns }: AddContext): void {
    const { sysctls } = plan.settings;
    if (sysctls.length === 0) return;
    netns.run(() =>
      withOwnProcfs((procfs) => {
        for (const sysctl of sysctls) setOwn(sysctl, procfs);
      }),
    );
  },

  check({ links: { container: link }, wanted, netns }: CheckContext): string[] {
    const settings = wanted.interface?.settings;
    if (link === undefined || settings === undefined) return [];
    return [...checkInterface(settings, link), ...checkSysctls(settings, netns)];
  },
};

/** A parameter that the user wants; the kernel's refusal is the user's fault. */
function setOwn({ key, value, name }: Sysctl, procfs: string): void {
  const wanted = "want a parameter of this kernel's network namespaces, and a value that it takes";
  try {
    if (setSysctl(key, value, procfs)) return;
  } catch (cause) {
    const problem = `sysctl: "${name}" cannot be set to "${value}": ${String(cause)}`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, wanted, { cause });
  }
  throw new CniError(CNI_ERROR.invalidNetconf, `sysctl: this kernel has no "${name}" (${key})`, wanted);
}

function checkInterface({ allmulti, promisc, txQLen }: InterfaceSettings, link: Link): string[] {
  return differencesOf(containerEnd(link.ifname), [
    [!promisc || link.isPromiscuous, "is not promiscuous"],
    [!allmulti || link.isAllMulticast, "does not take all multicast"],
    [txQLen === undefined || link.txQueueLength === txQLen, `has a queue of ${link.txQueueLength} packets`],
  ]);
}

function checkSysctls({ sysctls }: InterfaceSettings, netns: NetnsHandle): string[] {
  const values = sysctls.length === 0 ? [] : netns.run(() => sysctls.map(({ key }) => readSysctl(key)));
  return sysctls.flatMap(({ name, value }, index) =>
    isSameValue(values[index], value) ? [] : [`sysctl ${name} is ${values[index]}, want ${value}`],
  );
}

/** The kernel puts tabs between the numbers of a list. */
function isSameValue(found: string | undefined, wanted: string): boolean {
  return found?.replaceAll(/\s+/g, " ") === wanted.trim().replaceAll(/\s+/g, " ");
}
