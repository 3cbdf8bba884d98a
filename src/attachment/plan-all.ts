/** Every attachment of one ADD. */

import type { Request } from "../cni/request.ts";
import type { Output } from "./output.ts";
import { type AttachmentPlan, planOwnBridge } from "./plan.ts";

/** The runtime's interface first. @throws {CniError} {@link InvalidFile} */
export function planAll(request: Request, { named }: Output): AttachmentPlan[] {
  const chosen = named?.chooseNetworks(request);
  return chosen === undefined || named === undefined
    ? [planOwnBridge(request)]
    : named.planNamed(request, chosen);
}
