/** Ports of a bridge: whether they pass frames, and what the bridge is told about them. */

import type { Family } from "../addr/address.ts";
import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { listDirectory } from "../linux/directory.ts";
import { ignoringErrno } from "../linux/error.ts";
import { readTextFile } from "../linux/file.ts";
import { readSysctl } from "../linux/sysctl.ts";
import { NetlinkError, type Refusal } from "../netlink/error.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";

/** BR_STATE_*, linux/if_bridge.h, by the words of bridge(8). */
export const PORT_STATE = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;

/** What the port does with frames; undefined for an interface that is no port of a bridge. */
export function portStateOf(socket: RouteSocket, ifindex: number): (typeof PORT_STATE)[number] | undefined {
  const [link] = socket.get({ message: "RTM_GETLINK", body: { ifi_index: ifindex } }, "RTM_NEWLINK");
  const state = link?.IFLA_LINKINFO?.IFLA_INFO_SLAVE_DATA?.IFLA_BRPORT_STATE;
  return state === undefined ? undefined : PORT_STATE[state];
}

/** BR_MAX_PORTS of net/bridge/br_private.h is 1024; no port has the number 0. */
const MOST_PORTS = 1023;

/** Every number of a port is taken: there are ten bits for it in the spanning tree protocol. */
export class BridgeFull extends PodwireError {
  override readonly name = "BridgeFull";
  constructor(bridge: string, cause?: unknown) {
    super(`bridge "${bridge}" has ${MOST_PORTS} ports, the most that the kernel allows`, {
      code: CNI_ERROR.tryAgainLater,
      advice: `delete pods, name another bridge for a part of them, or keep their number on the node below ${MOST_PORTS} (kubelet: maxPods)`,
      cause,
    });
  }
}

/** @throws {BridgeFull} */
export function requireRoom(bridge: string): void {
  if (listDirectory(`/sys/class/net/${bridge}/brif`).length >= MOST_PORTS) throw new BridgeFull(bridge);
}

/** The error of a request that was to make a port of the bridge. @see find_portno() in net/bridge/br_if.c */
export function portError(refusal: Refusal, bridge: string): NetlinkError | BridgeFull {
  const error = new NetlinkError(refusal);
  return refusal.errno === "EXFULL" ? new BridgeFull(bridge, error) : error;
}

const CALLS = {
  4: { key: "net/bridge/bridge-nf-call-iptables", file: "nf_call_iptables" },
  6: { key: "net/bridge/bridge-nf-call-ip6tables", file: "nf_call_ip6tables" },
} as const;

/** Whether frames that stay on the bridge pass the packet filter as if they were forwarded (br_netfilter). */
export function callsFilter(bridge: string, family: Family): boolean {
  const { key, file } = CALLS[family];
  const path = `/sys/class/net/${bridge}/bridge/${file}`;
  const ofBridge = () => ignoringErrno(() => readTextFile(path).trim(), "0", "ENOENT", "ENOTDIR");
  return readSysctl(key) === "1" || ofBridge() === "1";
}
