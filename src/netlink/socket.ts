/** Netlink sockets: synchronous requests, in the network namespace where the socket was made. */

import { errnoName } from "../linux/errno.ts";
import { isErrno } from "../linux/error.ts";
import type { NetnsHandle } from "../linux/netns.ts";
import { type Channel, KernelChannel } from "./channel.ts";
import { decodeMessages, encodeMessage, type Message, type MessageTable, NLM_F } from "./codec/message.ts";
import { concatenate, type ValueOf } from "./codec/type.ts";
import { describeMessage, type Trace } from "./debug.ts";
import { NetlinkError, type Refusal } from "./error.ts";
import { type AnyRequest, accept, lastOf, type Pending } from "./pending.ts";

export interface Protocol {
  readonly number: number;
  readonly messages: MessageTable;
  /** Requests that the kernel answers by one message or a refusal, where they are no dumps: they need no acknowledgement. */
  readonly singles?: readonly string[];
  /** The messages around the requests of one transaction, where the protocol has transactions. */
  readonly batch?: { readonly begin: string; readonly end: string; readonly body: object };
}

/** One message to the kernel: UAPI name, flags beyond NLM_F_REQUEST | NLM_F_ACK, body. */
export type Request<P extends Protocol> = {
  [K in keyof P["messages"] & string]: {
    readonly message: K;
    readonly flags?: number;
    readonly body: ValueOf<P["messages"][K][1]>;
  };
}[keyof P["messages"] & string];

/** What came of one request: its replies, or the kernel's refusal. */
export interface Outcome {
  readonly replies: readonly Message[];
  readonly refusal: Refusal | undefined;
}

export interface SocketOptions {
  /** Where the socket lives; default: the process's own network namespace. */
  readonly netns?: NetnsHandle;
  readonly trace?: Trace | undefined;
}

// The kernel fills dumps up to 32 KiB a datagram. One for all sockets: every datagram is decoded before the next.
const receiveBuffer = new Uint8Array(new ArrayBuffer(64 * 1024));
const DUMP_ATTEMPTS = 10;
const EXCHANGE_LIMIT = 32;
const EPERM = 1; // asm-generic/errno-base.h

export class NetlinkSocket<P extends Protocol> {
  readonly #channel: Channel;
  readonly #protocol: P;
  readonly #trace: Trace | undefined;
  #sequence = 0;

  /** On a channel that is there; `open` makes the one to the kernel. */
  constructor(channel: Channel, protocol: P, trace?: Trace) {
    this.#channel = channel;
    this.#protocol = protocol;
    this.#trace = trace;
  }

  /** @throws {SyscallError} EINVAL: `netns` is no network namespace */
  static open<P extends Protocol>(protocol: P, { netns, trace }: SocketOptions = {}): NetlinkSocket<P> {
    return new NetlinkSocket(new KernelChannel(protocol.number, netns), protocol, trace);
  }

  /** Sends one request and waits for its acknowledgement. @throws {NetlinkError} */
  request(request: Request<P>): void {
    this.requestAll([request]);
  }

  /** Sends all in one system call; the kernel takes them in order. @throws {NetlinkError} the first refusal */
  requestAll(requests: readonly Request<P>[]): void {
    for (const { refusal } of this.exchange(requests))
      if (refusal !== undefined) throw new NetlinkError(refusal);
  }

  /** The replies to one request, decoded. @throws {NetlinkError} */
  get<K extends keyof P["messages"] & string>(request: Request<P>, reply: K): ValueOf<P["messages"][K][1]>[] {
    const [outcome] = this.exchange([request]);
    if (outcome?.refusal !== undefined) throw new NetlinkError(outcome.refusal);
    return this.decode(outcome?.replies ?? [], reply);
  }

  /** Decodes the replies that are `reply` messages; others are passed over. */
  decode<K extends keyof P["messages"] & string>(
    replies: readonly Message[],
    reply: K,
  ): ValueOf<P["messages"][K][1]>[] {
    const [type, payload, facts = payload] = this.#row(reply);
    return replies
      .filter((message) => message.type === type)
      .map((message) => facts.read(message.payload, {}));
  }

  /** All objects of a kind, filtered by the request's body; asked again where the list changed meanwhile. */
  dump<K extends keyof P["messages"] & string>(
    request: Request<P>,
    reply: K,
  ): ValueOf<P["messages"][K][1]>[] {
    for (let attempt = 1; ; attempt++) {
      const [pending] = this.#send([{ ...request, flags: NLM_F.DUMP }]);
      if (pending === undefined) return [];
      this.#receive([pending]);
      const refusal = this.#refusalOf(pending);
      if (refusal !== undefined) throw new NetlinkError(refusal);
      if (!pending.interrupted || attempt === DUMP_ATTEMPTS) return this.decode(pending.replies, reply);
    }
  }

  /**
   * Sends all, as many in one system call as the socket can hold the answers of, and gives each one's outcome; throws
   * only where the socket itself fails.
   */
  exchange(requests: readonly Request<P>[]): Outcome[] {
    const outcomes: Outcome[] = [];
    for (let start = 0; start < requests.length; start += EXCHANGE_LIMIT) {
      const pending = this.#send(requests.slice(start, start + EXCHANGE_LIMIT));
      const isLast = lastOf(pending.length);
      this.#receive(pending, (entry) => isLast(entry) || this.#refusesAll(entry, pending));
      for (const entry of pending) outcomes.push({ replies: entry.replies, refusal: this.#refusalOf(entry) });
    }
    return outcomes;
  }

  /**
   * Sends all as one transaction: the kernel takes every request or none.
   *
   * @param generation refuse (ERESTART) where the ruleset has changed since this generation
   * @returns each request's refusal; nothing was changed unless all are undefined
   * @throws {NetlinkError} where the transaction as a whole was refused
   */
  transact(requests: readonly Request<P>[], generation?: number): (Refusal | undefined)[] {
    const { batch } = this.#protocol;
    if (batch === undefined) throw new RangeError("this protocol has no transactions");
    const expected = generation === undefined ? {} : { NFNL_BATCH_GENID: generation };
    const begin = { message: batch.begin, body: { ...batch.body, ...expected } };
    const end = { message: batch.end, body: batch.body };
    // Refusals come unasked and in order; so the answer to the last request, or one to the opening, is the end.
    const last = requests.length;
    const pending = this.#send([begin, ...requests, end], (index) => index === last);
    this.#receive(pending, (entry) => entry === pending[0] || entry === pending[last]);
    const [whole, ...each] = pending.slice(0, -1).map((entry) => this.#refusalOf(entry));
    if (whole !== undefined) throw new NetlinkError(whole);
    return each;
  }

  /** Joins a multicast group, so that `waitForEvent` wakes up on its messages. Use a socket of its own for it. */
  joinGroup(group: number): void {
    this.#channel.joinGroup(group);
  }

  /** Waits for any message of the joined groups and takes it away; false after `timeoutMs` without one. */
  waitForEvent(timeoutMs: number): boolean {
    if (!this.#channel.wait(timeoutMs)) return false;
    this.#receiveDatagram();
    return true;
  }

  close(): void {
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #row(message: string) {
    const row = this.#protocol.messages[message];
    if (row === undefined) throw new RangeError(`no message ${message} in this protocol`);
    return row;
  }

  /** `wantsAnswer`: by place in the list; dumps end with a message of their own. */
  #send(requests: readonly AnyRequest[], wantsAnswer = (_index: number) => true): Pending[] {
    const pending: Pending[] = [];
    const datagram = requests.map((request, index) => {
      const [type, payloadType] = this.#row(request.message);
      const payload = payloadType.write(request.body, {});
      const extra = request.flags ?? 0;
      const isDump = (extra & NLM_F.DUMP) === NLM_F.DUMP;
      const isSingle = !isDump && this.#protocol.singles?.includes(request.message) === true;
      const flags = NLM_F.REQUEST | extra | (isDump || isSingle || !wantsAnswer(index) ? 0 : NLM_F.ACK);
      const message = {
        type,
        flags,
        sequence: this.#sequence + pending.length + 1,
        port: this.#channel.port,
        payload,
      };
      this.#trace?.(describeMessage(">", message, this.#protocol.messages));
      pending.push({ name: request.message, isSingle, payload, replies: [], interrupted: false });
      return encodeMessage(message);
    });
    // Numbers are never used again, so that a reply which was not taken in time is not taken for another's.
    this.#sequence += pending.length;
    this.#channel.send(concatenate(datagram));
    return pending;
  }

  /** nfnetlink answers a process without CAP_NET_ADMIN once, whatever it has sent. @see nfnetlink_rcv() */
  #refusesAll(entry: Pending, pending: readonly Pending[]): boolean {
    const { acknowledgement } = entry;
    if (this.#protocol.batch === undefined || entry !== pending[0] || acknowledgement?.errno !== EPERM)
      return false;
    for (const other of pending) other.acknowledgement ??= acknowledgement;
    return true;
  }

  /** Collects replies until `isLast` says so of an answered request; by itself until each is answered. */
  #receive(pending: readonly Pending[], isLast = lastOf(pending.length)): void {
    const first = this.#sequence - pending.length + 1;
    for (let isDone = false; !isDone; ) {
      for (const message of decodeMessages(this.#receiveDatagram())) {
        const entry = message.port === this.#channel.port ? pending[message.sequence - first] : undefined;
        if (entry === undefined) continue; // a late reply, or none of ours
        this.#trace?.(describeMessage("<", message, this.#protocol.messages));
        if (accept(entry, message) && isLast(entry)) isDone = true;
      }
    }
  }

  #receiveDatagram(): Uint8Array {
    for (;;) {
      try {
        const count = this.#channel.receive(receiveBuffer);
        if (count > receiveBuffer.length)
          throw new RangeError(`netlink datagram of ${count} bytes: too long`);
        return receiveBuffer.subarray(0, count);
      } catch (error) {
        if (!isErrno(error, "EINTR")) throw error;
      }
    }
  }

  #refusalOf(entry: Pending): Refusal | undefined {
    const { errno = 0, text = "", offset } = entry.acknowledgement ?? {};
    if (errno === 0) return undefined;
    const [, payloadType] = this.#row(entry.name);
    const path = offset === undefined ? [] : (payloadType.locate?.(entry.payload, offset, {}) ?? []);
    return { request: entry.name, errno: errnoName(errno), extAck: text, attribute: path.join("/") };
  }
}
