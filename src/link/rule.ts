/** Rules by which packets of one sender are routed by a table of its own. */

import { ADDRESS_BITS, type Address } from "../addr/address.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { addressFamily, type RouteRequest, type RouteSocket } from "../netlink/route/protocol.ts";
import { FR_ACT_TO_TBL } from "../netlink/route/rule.ts";

export interface SourceRule {
  readonly from: Address;
  readonly table: number;
}

/** Before the main table's rule, 32766, and behind what people write: they count from 32765 downwards. */
const PRIORITY = 30_000;

/** Like `ip rule add from ADDRESS lookup TABLE priority 30000`. Errors of the request: EEXIST, it is there. */
export function addRuleRequest(rule: SourceRule): RouteRequest {
  return { message: "RTM_NEWRULE", flags: NLM_F.CREATE | NLM_F.EXCL, body: toMessage(rule) };
}

/** Like `ip rule delete …`. Errors of the request: ENOENT, it is gone. */
export function deleteRuleRequest(rule: SourceRule): RouteRequest {
  return { message: "RTM_DELRULE", body: toMessage(rule) };
}

function toMessage({ from, table }: SourceRule) {
  return {
    family: addressFamily(from.family),
    src_len: ADDRESS_BITS[from.family],
    action: FR_ACT_TO_TBL,
    FRA_SRC: from,
    FRA_PRIORITY: PRIORITY,
    FRA_TABLE: table,
  };
}

/** The rules of both families that are for one sender; like `ip rule show`. */
export function listSourceRules(socket: RouteSocket): SourceRule[] {
  return ([4, 6] as const).flatMap((family) => {
    const body = { family: addressFamily(family) };
    return socket
      .dump({ message: "RTM_GETRULE", body }, "RTM_NEWRULE")
      .flatMap(({ src_len, FRA_SRC: from, FRA_TABLE: table = 0 }) =>
        from !== undefined && src_len === ADDRESS_BITS[family] ? [{ from, table }] : [],
      );
  });
}
