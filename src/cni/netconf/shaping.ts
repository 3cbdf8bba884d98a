/** The rates that a pod gets and sends at most. */

import { CniError, invalidNetconf } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { type Fields, integerField, noFields } from "../../json/fields.ts";
import type { Rates } from "../document/parts.ts";
import { firstOf, type Places, PRECEDENCE } from "./precedence.ts";

/** Bits a second, with the bits that may go at once; absent: what the rate gives in a while. */
export interface RateConfig {
  readonly rate: number;
  readonly burst?: number;
}

/** From the pod's side: ingress is what it gets, egress what it sends. */
export interface Shaping {
  readonly ingress?: RateConfig;
  readonly egress?: RateConfig;
}

/** What containerd gives as a burst, having none to give: no limit that anybody chose. */
const UNCHOSEN_BURST = 2 ** 32 - 1;
const SMALLEST = 8; // one byte, or one a second

/** Undefined where nothing is limited. @throws {CniError} 7 with the path of the field */
export function decodeShaping(places: Places): Shaping | undefined {
  const fields = firstOf(PRECEDENCE.rates, places) ?? noFields<Rates>("");
  const ingress = decodeRate(fields, "ingress");
  const egress = decodeRate(fields, "egress");
  if (ingress === undefined && egress === undefined) return undefined;
  return { ...(ingress === undefined ? {} : { ingress }), ...(egress === undefined ? {} : { egress }) };
}

function decodeRate(fields: Fields<Rates>, direction: "ingress" | "egress"): RateConfig | undefined {
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
