/** The nfnetlink protocol: the messages of nf_tables and of connection tracking by UAPI name. */

import type { NetlinkSocket, Request } from "../socket.ts";
import { conntrackMessage, statsMessage } from "./conntrack.ts";
import { batchMessage, SUBSYS_NFTABLES } from "./header.ts";
import {
  chainMessage,
  elementsMessage,
  generationMessage,
  ruleMessage,
  setMessage,
  tableMessage,
} from "./nf-tables.ts";

const NFT = SUBSYS_NFTABLES << 8;
const CTNETLINK = 1 << 8; // NFNL_SUBSYS_CTNETLINK

export const netfilter = {
  /** NETLINK_NETFILTER, linux/netlink.h. */
  number: 12,
  messages: {
    NFNL_MSG_BATCH_BEGIN: [16, batchMessage],
    NFNL_MSG_BATCH_END: [17, batchMessage],
    NFT_MSG_NEWTABLE: [NFT, tableMessage],
    NFT_MSG_GETTABLE: [NFT + 1, tableMessage],
    NFT_MSG_NEWCHAIN: [NFT + 3, chainMessage],
    NFT_MSG_GETCHAIN: [NFT + 4, chainMessage],
    NFT_MSG_DELCHAIN: [NFT + 5, chainMessage],
    NFT_MSG_NEWRULE: [NFT + 6, ruleMessage],
    NFT_MSG_GETRULE: [NFT + 7, ruleMessage],
    NFT_MSG_DELRULE: [NFT + 8, ruleMessage],
    NFT_MSG_NEWSET: [NFT + 9, setMessage],
    NFT_MSG_GETSET: [NFT + 10, setMessage],
    NFT_MSG_NEWSETELEM: [NFT + 12, elementsMessage],
    NFT_MSG_GETSETELEM: [NFT + 13, elementsMessage],
    NFT_MSG_DELSETELEM: [NFT + 14, elementsMessage],
    NFT_MSG_NEWGEN: [NFT + 15, generationMessage],
    NFT_MSG_GETGEN: [NFT + 16, generationMessage],
    IPCTNL_MSG_CT_NEW: [CTNETLINK, conntrackMessage],
    IPCTNL_MSG_CT_GET: [CTNETLINK + 1, conntrackMessage],
    IPCTNL_MSG_CT_DELETE: [CTNETLINK + 2, conntrackMessage],
    IPCTNL_MSG_CT_GET_STATS: [CTNETLINK + 5, statsMessage],
  },
  /** An element is asked for by itself. */
  singles: ["NFT_MSG_GETTABLE", "NFT_MSG_GETCHAIN", "NFT_MSG_GETSETELEM", "NFT_MSG_GETGEN"],
  /** What stands around the requests of one transaction. */
  batch: { begin: "NFNL_MSG_BATCH_BEGIN", end: "NFNL_MSG_BATCH_END", body: { res_id: SUBSYS_NFTABLES } },
} as const;

export type NetfilterSocket = NetlinkSocket<typeof netfilter>;
export type NetfilterRequest = Request<typeof netfilter>;
