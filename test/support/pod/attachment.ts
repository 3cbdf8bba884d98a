/** Plugin calls about one attachment, with defaults for all that a test is not about. */

import type { Node, PluginCall } from "../node/node.ts";

/** A gateway bridge with IPv4 addresses; tests put their fields over it. */
export const NETCONF = {
  cniVersion: "1.1.0",
  name: "mynet",
  type: "podwire",
  isGateway: true,
  ipam: { type: "host-local", subnet: "10.1.0.0/16" },
} as const;

export const DUAL_STACK = {
  type: "host-local",
  ranges: [[{ subnet: "10.1.0.0/16" }], [{ subnet: "fd00:1::/64" }]],
} as const;

export interface AttachmentCall extends Omit<Partial<PluginCall>, "command" | "conf"> {
  /** Put over {@link NETCONF}; `undefined` takes a field away. */
  readonly conf?: object;
}

/** One call about container `c1`, interface `eth0`, in the pod of the container's name. */
export function call(node: Node, command: string, options: AttachmentCall = {}) {
  const { conf, containerId = "c1", ...others } = options;
  const defaults = { containerId, netns: `/run/netns/${containerId}`, ifname: "eth0" };
  return node.cni({ ...defaults, ...others, command, conf: { ...NETCONF, ...conf } });
}

/** Makes the pod where it is missing and adds the attachment; gives the result. @throws where ADD fails */
export function attach(node: Node, options: AttachmentCall = {}) {
  ensurePod(node, options.containerId);
  const added = call(node, "ADD", options);
  if (added.exitCode !== 0) throw new Error(`ADD: ${added.stdout}${added.stderr}`);
  return added.json;
}

/** The container's network namespace, made where it is missing. */
export function ensurePod(node: Node, containerId = "c1"): string {
  node.sh(`test -e /run/netns/${containerId} || ip netns add ${containerId}`);
  return `/run/netns/${containerId}`;
}

/** A call that gets the result of ADD as the runtime's cache would give it. */
export function callWithResult(
  node: Node,
  command: string,
  prevResult: object,
  options: AttachmentCall = {},
) {
  return call(node, command, { ...options, conf: { ...options.conf, prevResult } });
}
