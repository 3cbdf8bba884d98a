/** Requests on their way: what has come back of each. */

import { type Acknowledgement, decodeAcknowledgement, type Message, NLM_F, NLMSG } from "./codec/message.ts";

/** A request whose message is known by name alone. */
export interface AnyRequest {
  readonly message: string;
  readonly flags?: number;
  readonly body: unknown;
}

export interface Pending {
  readonly name: string;
  /** One reply is its whole answer. */
  readonly isSingle: boolean;
  readonly payload: Uint8Array;
  readonly replies: Message[];
  acknowledgement?: Acknowledgement;
  interrupted: boolean;
}

/** True at the call for the last of so many. */
export function lastOf(count: number): (entry: Pending) => boolean {
  let open = count;
  return () => --open === 0;
}

/** Files a reply; true where it was the last one of its request. */
export function accept(entry: Pending, message: Message): boolean {
  if ((message.flags & NLM_F.DUMP_INTR) !== 0) entry.interrupted = true;
  if (message.type === NLMSG.ERROR || message.type === NLMSG.DONE) {
    entry.acknowledgement = decodeAcknowledgement(message);
    return true;
  }
  entry.replies.push(message);
  return entry.isSingle;
}
