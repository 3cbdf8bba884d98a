/** The fields of a configuration that limit how fast a pod gets and sends. */

import { CNI_ERROR, CniError, invalidNetconf } from "../../cni/error.ts";
import { type Fields, field, integerField, objectField } from "../../cni/json.ts";
import type { Netconf } from "../../cni/netconf.ts";
import type { Rates } from "../../cni/netconf-parts.ts";
import type { Rate } from "../../shaping/rate.ts";

/** From the pod's side: ingress is what it gets, egress what it sends. */
export interface Shaping {
  readonly ingress?: Rate;
  readonly egress?: Rate;
}

const KEYS = ["ingressRate", "ingressBurst", "egressRate", "egressBurst"] as const;
/** What containerd gives as a burst, having none to give: no limit that anybody chose. */
const UNCHOSEN_BURST = 2 ** 32 - 1;
const SMALLEST = 8; // one byte, or one a second

/**
 * The configuration's own fields win over the runtime's as a whole, as in the reference plugin.
 * @throws {CniError} 7 with the path of the field
 */
export function decodeShaping(netconf: Fields<Netconf>): Shaping | undefined {
  const isOwn = KEYS.some((key) => field(netconf, key) !== undefined);
  const fields: Fields<Rates> = isOwn
    ? netconf
    : objectField(objectField(netconf, "runtimeConfig"), "bandwidth");
  const ingress = decodeRate(fields, "ingress");
  const egress = decodeRate(fields, "egress");
  if (ingress === undefined && egress === undefined) return undefined;
  return { ...(ingress === undefined ? {} : { ingress }), ...(egress === undefined ? {} : { egress }) };
}

function decodeRate(fields: Fields<Rates>, direction: "ingress" | "egress"): Rate | undefined {
  const rate = integerField(fields, `${direction}Rate`, 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const burst = integerField(fields, `${direction}Burst`, 0, UNCHOSEN_BURST) ?? 0;
  const path = fields.path === "" ? direction : `${fields.path}.${direction}`;
  if (rate === 0 && burst !== 0 && burst !== UNCHOSEN_BURST) {
    const problem = `${path}Burst: is ${burst}, and there is no ${direction}Rate`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want a rate in bits a second beside it");
  }
  if (rate === 0) return undefined;
  const wanted = `0 for none, or at least ${SMALLEST}: a byte`;
  if (rate < SMALLEST) throw invalidNetconf(`${path}Rate`, wanted, rate);
  if (burst !== 0 && burst < SMALLEST) throw invalidNetconf(`${path}Burst`, wanted, burst);
  return burst === 0 || burst === UNCHOSEN_BURST ? { rate } : { rate, burst };
}
