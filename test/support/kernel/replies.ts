/** What a fake kernel replies, as values: messages of the protocol, and the status that ends them. */

import { NLM_F } from "../../../src/netlink/codec/message.ts";
import type { Protocol, Request } from "../../../src/netlink/socket.ts";

/** A message of the protocol, or the status that ends the replies to a request. */
export type Reply<P extends Protocol> = Request<P> | Status;

export interface Status {
  readonly status: "NLMSG_ERROR" | "NLMSG_DONE";
  /** "EEXIST"; absent for success. */
  readonly errno?: string;
  /** The extended acknowledgement: the kernel's own words. */
  readonly extAck?: string;
  /** The attribute at fault, "IFLA_LINKINFO/IFLA_INFO_KIND". */
  readonly attribute?: string;
  readonly flags?: number;
}

const NLM_F_MULTI = 0x2; // linux/netlink.h

/** Success; sent only to requests that want an acknowledgement, as the kernel does. */
export function ack(): Status[] {
  return [{ status: "NLMSG_ERROR" }];
}

export function error(errno: string, details: Pick<Status, "extAck" | "attribute"> = {}): Status[] {
  return [{ status: "NLMSG_ERROR", errno, ...details }];
}

/** The messages that answer a request for one object, and the acknowledgement. */
export function answer<M extends object>(...messages: readonly M[]): (M | Status)[] {
  return [...messages, ...ack()];
}

/**
 * The messages of a dump and its end; like the kernel's, all in one datagram.
 *
 * `isInterrupted`: the list changed meanwhile. `errno`: what the dump ended with.
 */
export function multipart<M extends object>(
  messages: readonly M[],
  { isInterrupted = false, errno }: { isInterrupted?: boolean; errno?: string } = {},
): (M | Status)[] {
  const flags = NLM_F_MULTI | (isInterrupted ? NLM_F.DUMP_INTR : 0);
  const done: Status = { status: "NLMSG_DONE", flags, ...(errno === undefined ? {} : { errno }) };
  return [...messages.map((message) => ({ ...message, flags })), done];
}
