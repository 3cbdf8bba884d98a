/**
 * Limits of what the pod gets (a token bucket on the host's end) and sends (another behind an ifb device).
 *
 * They go with the interfaces, which one step deletes together.
 */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { getLink, type Link } from "../../link/link.ts";
import { createIfbRequests } from "../../shaping/ifb.ts";
import { type Bucket, bucketOf } from "../../shaping/rate.ts";
import { addBucketRequest, findBucket, findRedirect, redirectRequests } from "../../shaping/token-bucket.ts";
import { ifbOf } from "../attachment.ts";
import type { AddContext, CheckContext } from "./step.ts";

export const shapeTraffic = {
  name: "shapeTraffic",

  /** @returns the device that shapes what the pod sends; undefined where none does */
  add(context: AddContext, { ifindex: port }: Link, mtu: number): Link | undefined {
    const { plan, host } = context;
    const { ingress, egress } = plan.shaping ?? {};
    const ifb = egress === undefined ? undefined : createIfb(context, mtu);
    host.requestAll([
      ...(ingress === undefined ? [] : [addBucketRequest(port, bucketOf(ingress))]),
      ...(egress === undefined || ifb === undefined
        ? []
        : [addBucketRequest(ifb.ifindex, bucketOf(egress)), ...redirectRequests(port, ifb.ifindex)]),
    ]);
    return ifb;
  },

  check(context: CheckContext): string[] {
    const { wanted, host, links } = context;
    const { ingress, egress } = wanted.shaping ?? {};
    const port = links.host;
    if (port === undefined) return [];
    return [
      ...(ingress === undefined
        ? []
        : differences(port.ifname, bucketOf(ingress), findBucket(host, port.ifindex))),
      ...(egress === undefined ? [] : checkEgress(context, port, bucketOf(egress))),
    ];
  },
};

function createIfb({ plan, host }: AddContext, mtu: number): Link {
  const device = ifbOf(plan.attachment);
  host.requestAll(createIfbRequests({ ...device, ifalias: plan.alias, mtu }));
  const link = getLink(host, device.ifname);
  if (link !== undefined) return link;
  const problem = `interface "${device.ifname}" was removed by someone else`;
  throw new CniError(CNI_ERROR.tryAgainLater, problem);
}

function checkEgress({ wanted, host }: CheckContext, port: Link, bucket: Bucket): string[] {
  const { ifname } = ifbOf(wanted);
  const ifb = getLink(host, ifname);
  if (ifb === undefined) return [`interface "${ifname}" does not exist on the host`];
  const isRedirected = findRedirect(host, port.ifindex) === ifb.ifindex;
  return [
    ...(ifb.isUp ? [] : [`interface "${ifname}" is down`]),
    ...(isRedirected ? [] : [`what "${port.ifname}" gets from the pod does not go through "${ifname}"`]),
    ...differences(ifname, bucket, findBucket(host, ifb.ifindex)),
  ];
}

/** The kernel keeps the burst as a time, so that it comes back rounded. */
function differences(ifname: string, wanted: Bucket, found: Bucket | undefined): string[] {
  if (found === undefined) return [`interface "${ifname}" has no token bucket`];
  const isSame = { rate: found.rate === wanted.rate, limit: found.limit === wanted.limit, burst: true };
  isSame.burst = Math.abs(found.burst - wanted.burst) <= Math.max(64, wanted.burst / 1000);
  return (["rate", "burst", "limit"] as const)
    .filter((key) => !isSame[key])
    .map((key) => `token bucket of "${ifname}" has ${key} ${found[key]}, want ${wanted[key]} bytes`);
}
