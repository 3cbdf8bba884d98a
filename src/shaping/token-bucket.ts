/** Token buckets: on the interface that packets leave by, or by way of an ifb device on the one that they come in by. */

import { ignoringErrno } from "../linux/error.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { ETH_P_ALL } from "../netlink/route/if-ether.ts";
import type { RouteRequest, RouteSocket } from "../netlink/route/protocol.ts";
import {
  filterInfo,
  LARGEST_RATE,
  TC_ACT_STOLEN,
  TC_H,
  TC_LINKLAYER_ETHERNET,
  TC_U32_TERMINAL,
  TCA_EGRESS_REDIR,
  TICK_NS,
} from "../netlink/route/traffic-control.ts";
import type { Bucket } from "./rate.ts";

const CREATE = NLM_F.CREATE | NLM_F.EXCL;
const BUCKET_HANDLE = 0x1_0000; // 1:
const INGRESS_HANDLE = 0xffff_0000; // ffff:
const FILTER_CLASS = 0x1_0001; // 1:1
const FILTER_PRIORITY = 1;

/** Like `tc qdisc add dev IFINDEX root handle 1: tbf rate RATE burst BURST limit LIMIT`. */
export function addBucketRequest(tcm_ifindex: number, { rate, burst, limit }: Bucket): RouteRequest {
  const parameters = {
    "rate.linklayer": TC_LINKLAYER_ETHERNET,
    "rate.rate": Math.min(rate, LARGEST_RATE),
    limit,
  };
  return {
    message: "RTM_NEWQDISC",
    flags: CREATE,
    body: {
      tcm_ifindex,
      tcm_handle: BUCKET_HANDLE,
      tcm_parent: TC_H.ROOT,
      TCA_KIND: "tbf",
      TCA_OPTIONS: {
        TCA_TBF_PARMS: parameters,
        TCA_TBF_BURST: burst,
        ...(rate > LARGEST_RATE ? { TCA_TBF_RATE64: rate } : {}),
      },
    },
  };
}

/**
 * Sends all that comes in by one interface out by another; like
 *
 *     tc qdisc add dev FROM handle ffff: ingress
 *     tc filter add dev FROM parent ffff: protocol all prio 1 u32 match u32 0 0 classid 1:1 action mirred egress redirect dev TO
 */
export function redirectRequests(from: number, to: number): RouteRequest[] {
  const mirred = { action: TC_ACT_STOLEN, eaction: TCA_EGRESS_REDIR, ifindex: to };
  const redirect = { TCA_ACT_KIND: "mirred", TCA_ACT_OPTIONS: { TCA_MIRRED_PARMS: mirred } };
  return [
    {
      message: "RTM_NEWQDISC",
      flags: CREATE,
      body: {
        tcm_ifindex: from,
        tcm_handle: INGRESS_HANDLE,
        tcm_parent: TC_H.INGRESS,
        TCA_KIND: "ingress",
      },
    },
    {
      message: "RTM_NEWTFILTER",
      flags: CREATE,
      body: {
        tcm_ifindex: from,
        tcm_parent: INGRESS_HANDLE,
        tcm_info: filterInfo(FILTER_PRIORITY, ETH_P_ALL),
        TCA_KIND: "u32",
        TCA_OPTIONS: {
          TCA_U32_CLASSID: FILTER_CLASS,
          TCA_U32_SEL: { flags: TC_U32_TERMINAL, keys: [{}] },
          TCA_U32_ACT: [redirect],
        },
      },
    },
  ];
}

/** The token bucket at an interface's root; undefined where there is another qdisc. */
export function findBucket(socket: RouteSocket, tcm_ifindex: number): Bucket | undefined {
  const body = { tcm_ifindex, tcm_parent: TC_H.ROOT };
  // Without NLM_F_ECHO the kernel tells only those who listen to the group.
  const request = { message: "RTM_GETQDISC", flags: NLM_F.ECHO, body } as const;
  const [found] = ignoringErrno(() => socket.get(request, "RTM_NEWQDISC"), [], ...MISSING);
  const options = found?.TCA_KIND === "tbf" ? found.TCA_OPTIONS : undefined;
  if (options?.TCA_TBF_PARMS === undefined) return undefined;
  const { "rate.rate": rate = 0, limit = 0, buffer = 0 } = options.TCA_TBF_PARMS;
  const bytes = options.TCA_TBF_RATE64 ?? rate;
  return { rate: bytes, limit, burst: Math.round((buffer * TICK_NS * bytes) / 1e9) };
}

/** ifindex of the interface that everything coming in by this one is redirected to; undefined for none. */
export function findRedirect(socket: RouteSocket, tcm_ifindex: number): number | undefined {
  const body = { tcm_ifindex, tcm_parent: INGRESS_HANDLE };
  const filters = ignoringErrno(
    () => socket.dump({ message: "RTM_GETTFILTER", body }, "RTM_NEWTFILTER"),
    [],
    ...MISSING,
  );
  for (const { TCA_OPTIONS: options } of filters) {
    const target = options?.TCA_U32_ACT?.[0]?.TCA_ACT_OPTIONS?.TCA_MIRRED_PARMS?.ifindex;
    if (target !== undefined) return target;
  }
  return undefined;
}

/** What the kernel says where there is no such qdisc or interface; EINVAL: no ingress qdisc. */
const MISSING = ["ENOENT", "EINVAL", "ENODEV"] as const;
