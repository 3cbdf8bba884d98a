/** The result of an ADD: the interfaces of each attachment, one after the other. */

import { EMPTY_RESULT, type Result } from "../cni/result.ts";
import type { Added } from "./kinds/driver.ts";

export function toResult({ interfaces, addressing: { ips, routes, dns } }: Added): Result {
  const own = interfaces.findIndex(({ sandbox }) => sandbox !== undefined);
  return { interfaces, ips: ips.map((ip) => ({ ...ip, interface: own })), routes, dns };
}

/** The first one's resolver settings hold for the pod. */
export function mergeResults(results: readonly Result[]): Result {
  const [first] = results;
  if (first === undefined || results.length === 1) return first ?? EMPTY_RESULT;
  let offset = 0;
  const ips = results.flatMap((result) => {
    const start = offset;
    offset += result.interfaces.length;
    return result.ips.map((ip) => ({ ...ip, interface: start + (ip.interface ?? 0) }));
  });
  return {
    interfaces: results.flatMap((result) => result.interfaces),
    ips,
    routes: results.flatMap((result) => result.routes),
    dns: first.dns,
  };
}
