/** What CHECK says: what should hold of an interface, and what of it does not. */

import type { Interface, Result } from "../../cni/result.ts";

/** Whether something holds, and what there is instead where it does not: `has MTU 1400, want 1500`. */
export type Expectation = readonly [holds: boolean, difference: string];

/** `subject`: `interface "eth0" in the container`. */
export function differencesOf(subject: string, expectations: readonly Expectation[]): string[] {
  return expectations.filter(([holds]) => !holds).map(([, difference]) => `${subject} ${difference}`);
}

export function containerEnd(ifname: string): string {
  return `interface "${ifname}" in the container`;
}

/** What ADD printed of the container's interface. */
export function printedOf({ interfaces }: Result, ifname: string): Interface | undefined {
  return interfaces.find((entry) => entry.name === ifname && entry.sandbox !== undefined);
}
