/** The last hop where a port was named: whether somebody listens there. */

import { hasListener } from "../../linux/listeners.ts";
import type { NetnsHandle } from "../../linux/netns.ts";
import { type Hop, passes, warns } from "./hop.ts";
import type { Packet } from "./packet.ts";

/** `netns`: where the packet is; undefined for the node's own. Nothing to say without a port, or of SCTP. */
export function readListener(
  service: Packet["service"],
  netns: NetnsHandle | undefined,
): boolean | undefined {
  if (service === undefined || service.protocol === "sctp") return undefined;
  const { protocol, port } = service;
  return netns === undefined ? hasListener(protocol, port) : netns.run(() => hasListener(protocol, port));
}

/** `name`: of the pod, or "the node". */
export function judgeListener(name: string, service: Packet["service"], isThere: boolean | undefined): Hop[] {
  if (service === undefined || isThere === undefined) return [];
  const text = `port ${service.port}/${service.protocol} of ${name}`;
  if (isThere) return [passes("listener", `somebody listens at ${text}`)];
  return [warns("listener", `nobody listens at ${text}`)];
}
