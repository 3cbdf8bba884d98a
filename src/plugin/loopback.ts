/** The loopback plugin, which containerd asks for beside every pod's network: configurations of type "loopback". */

import { openContainerIfAny } from "../attachment/in-container.ts";
import type { Output } from "../attachment/output.ts";
import { openPod } from "../attachment/pod.ts";
import type { Command } from "../cni/environment.ts";
import type { Request } from "../cni/request.ts";
import { EMPTY_RESULT, type Result } from "../cni/result.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { listAddresses } from "../link/address.ts";
import { DOWN, getLink, type Link, UP } from "../link/link.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";

const IFNAME = "lo"; // in every namespace, whatever the runtime calls it

export function isLoopback({ netconf }: Request): boolean {
  return netconf.type === "loopback";
}

/**
 * Runs one verb; the result of ADD, nothing for the others.
 * @throws {CniError} 8 on ADD and CHECK, 102
 * @see https://www.cni.dev/plugins/current/main/loopback/
 */
export function runLoopback(command: Command, request: Request, output: Output): Result | undefined {
  if (command === "ADD") return add(request, output);
  if (command === "CHECK") check(request, output);
  if (command === "DEL") del(request, output);
  return undefined;
}

/** Like `ip link set dev lo up` in the container. */
function add(request: Request, { trace }: Output): Result {
  using pod = openPod(request, trace);
  const { ifindex, mac } = requireLink(pod.container);
  pod.container.request({ message: "RTM_SETLINK", body: { ifi_index: ifindex, ...UP } });
  const { prevResult } = request.netconf;
  if (prevResult !== undefined) return prevResult;
  const ips = listAddresses(pod.container, ifindex).map(({ prefix }) => ({ interface: 0, address: prefix }));
  return { ...EMPTY_RESULT, interfaces: [{ name: IFNAME, mac, sandbox: request.netns }], ips };
}

function check(request: Request, { trace }: Output): void {
  using pod = openPod(request, trace);
  if (requireLink(pod.container).isUp) return;
  throw new CniError(CNI_ERROR.checkFailed, `interface "${IFNAME}" is down`, "DEL and ADD it again");
}

/** Like `ip link set dev lo down` in the container, if that is still there. */
function del({ netns }: Request, { trace }: Output): void {
  using container = openContainerIfAny({ netns, trace });
  if (container === undefined) return;
  const { ifindex } = requireLink(container);
  container.request({ message: "RTM_SETLINK", body: { ifi_index: ifindex, ...DOWN } });
}

function requireLink(container: RouteSocket): Link {
  const link = getLink(container, IFNAME);
  if (link === undefined) throw new CniError(CNI_ERROR.io, `no interface has the name "${IFNAME}"`, "");
  return link;
}
