/** Whether an interface that is up has somebody at its other end (RFC 2863). */

import type { Link } from "../../link/link.ts";
import { IF_OPER } from "../../netlink/route/link.ts";

const WITHOUT: readonly number[] = [IF_OPER.NOTPRESENT, IF_OPER.DOWN, IF_OPER.LOWERLAYERDOWN];

export function hasCarrier({ operstate }: Pick<Link, "operstate">): boolean {
  return !WITHOUT.includes(operstate);
}
