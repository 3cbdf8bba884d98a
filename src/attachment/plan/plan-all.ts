/** Every attachment of one ADD. */

import type { PlanInput } from "./input.ts";
import { type AttachmentPlan, planOwn } from "./plan.ts";
import { planNamed } from "./plan-named.ts";
import { resolveNetworks } from "./resolve-networks.ts";

/** The runtime's interface first. @throws {CniError} {@link InvalidFile} */
export function planAll(input: PlanInput): AttachmentPlan[] {
  const networks = resolveNetworks(input);
  return networks === undefined ? [planOwn(input)] : planNamed(input, networks);
}
