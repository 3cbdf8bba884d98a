/** Whether an interface that is up can send: its operational state (RFC 2863). */

import { IF_OPER } from "../netlink/route/link.ts";
import type { Link } from "./link.ts";

type State = Pick<Link, "operstate">;

const WITHOUT_CARRIER: readonly number[] = [IF_OPER.NOTPRESENT, IF_OPER.DOWN, IF_OPER.LOWERLAYERDOWN];

/** True where it has a carrier, dormant or not. */
export function hasCarrier({ operstate }: State): boolean {
  return !WITHOUT_CARRIER.includes(operstate);
}

/** True where frames pass; drivers that do not tell say UNKNOWN. */
export function isOperational({ operstate }: State): boolean {
  return operstate === IF_OPER.UP || operstate === IF_OPER.UNKNOWN;
}
