/** What every nfnetlink message begins with, linux/netfilter/nfnetlink.h. */

import { attributes } from "../codec/attributes.ts";
import { be16, be32, u8 } from "../codec/integer.ts";
import { headed, struct } from "../codec/struct.ts";

/** Families of tables and packets, NFPROTO_* in linux/netfilter.h. */
export const NFPROTO = { UNSPEC: 0, INET: 1, IPV4: 2, BRIDGE: 7, IPV6: 10 } as const;

/** `struct nfgenmsg`. */
export const nfgenmsg = struct({ nfgen_family: u8, version: u8, res_id: be16 });

/** NFNL_SUBSYS_NFTABLES: in `res_id` of what opens and closes a batch. */
export const SUBSYS_NFTABLES = 10;

/** NFNL_MSG_BATCH_BEGIN and _END; NFNL_BATCH_GENID: refuse where the ruleset has changed since that generation. */
export const batchMessage = headed(nfgenmsg, attributes({ NFNL_BATCH_GENID: [1, be32] }));
