/** Every attachment of one ADD. */

import type { Request } from "../cni/request.ts";
import { chooseNetworks } from "./choice.ts";
import { type AttachmentPlan, planOwnBridge } from "./plan.ts";
import { planNamed } from "./plan-named.ts";

/** The runtime's interface first. @throws {CniError} {@link InvalidFile} */
export function planAll(request: Request): AttachmentPlan[] {
  const chosen = chooseNetworks(request);
  return chosen === undefined ? [planOwnBridge(request)] : planNamed(request, chosen);
}
