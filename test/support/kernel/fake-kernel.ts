/**
 * A kernel behind a netlink socket, as one function from a request to its replies. Requests come decoded and replies are
 * values: both by the tables of the protocol, so numbers and layouts are not tested with it (test/golden does that).
 * For what a kernel does rarely: races, refusals, cut or interrupted dumps. What it does at once runs in test/netns.
 */

import { constants } from "node:os";
import type { Channel } from "../../../src/netlink/channel.ts";
import { attributes } from "../../../src/netlink/codec/attributes.ts";
import { i32, u32 } from "../../../src/netlink/codec/integer.ts";
import {
  decodeMessages,
  encodeMessage,
  type Message,
  NLM_F,
  NLMSG,
} from "../../../src/netlink/codec/message.ts";
import { concatenate, cString } from "../../../src/netlink/codec/type.ts";
import { NetlinkSocket, type Protocol, type Request } from "../../../src/netlink/socket.ts";
import type { Reply, Status } from "./replies.ts";

/** A request as the kernel sees it: its body decoded, and all its flags. */
export type Received<P extends Protocol> = Request<P> & { readonly flags: number };

/** `index`: how many requests came before. */
export type Answerer<P extends Protocol> = (request: Received<P>, index: number) => readonly Reply<P>[];

const PORT = 4_242;
const NLMSG_HDRLEN = 16; // linux/netlink.h

export class FakeKernel<P extends Protocol> implements Channel {
  readonly port = PORT;
  /** What it was asked, in order. */
  readonly requests: Received<P>[] = [];
  readonly socket: NetlinkSocket<P>;
  readonly #protocol: P;
  readonly #answerTo: Answerer<P>;
  readonly #datagrams: Uint8Array[] = [];

  constructor(protocol: P, answerTo: Answerer<P>) {
    this.#protocol = protocol;
    this.#answerTo = answerTo;
    this.socket = new NetlinkSocket(this, protocol);
  }

  /** UAPI names of what it was asked, in order. */
  get names(): string[] {
    return this.requests.map(({ message }) => message);
  }

  send(datagram: Uint8Array): void {
    for (const message of decodeMessages(datagram)) {
      const request = this.#decode(message);
      this.requests.push(request);
      const isWanted = (reply: Reply<P>) => !isAck(reply) || (message.flags & NLM_F.ACK) !== 0;
      const replies = this.#answerTo(request, this.requests.length - 1).filter(isWanted);
      const isDump = replies.some((reply) => "status" in reply && reply.status === "NLMSG_DONE");
      const encoded = replies.map((reply) => this.#encode(reply, message));
      this.#datagrams.push(...(isDump ? [concatenate(encoded)] : encoded));
    }
  }

  /** @throws where there is none: the kernel would let the caller wait for ever */
  receive(buffer: Uint8Array): number {
    const datagram = this.#datagrams.shift();
    if (datagram === undefined) throw new Error(`no reply is left after ${this.names.join(", ")}`);
    buffer.set(datagram.subarray(0, buffer.length));
    return datagram.length;
  }

  wait(): boolean {
    return this.#datagrams.length > 0;
  }

  joinGroup(): void {}

  close(): void {}

  #decode({ type, flags, payload }: Message): Received<P> {
    const found = Object.entries(this.#protocol.messages).find(([, [number]]) => number === type);
    if (found === undefined) throw new Error(`message ${type} is not in the protocol's table`);
    const [message, [, payloadType]] = found;
    return { message, flags, body: payloadType.read(payload, {}) } as Received<P>; // `as`: name and body are one row's
  }

  #encode(reply: Reply<P>, request: Message): Uint8Array {
    const { sequence } = request;
    const { type, flags, payload } =
      "status" in reply ? this.#encodeStatus(reply, request) : this.#encodeMessage(reply);
    return withPort(encodeMessage({ type, flags, sequence, payload }), PORT);
  }

  #encodeMessage({ message, flags = 0, body }: Request<P>) {
    const row = this.#protocol.messages[message];
    if (row === undefined) throw new Error(`${message} is not in the protocol's table`);
    const [type, payloadType] = row;
    return { type, flags, payload: payloadType.write(body, {}) };
  }

  #encodeStatus({ status, errno, extAck, attribute, flags = 0 }: Status, request: Message) {
    const code = i32.write(errno === undefined ? 0 : -numberOf(errno), {});
    if (status === "NLMSG_DONE") return { type: NLMSG.DONE, flags, payload: code };
    const details = extendedAck.write(
      {
        ...(extAck === undefined ? {} : { NLMSGERR_ATTR_MSG: extAck }),
        ...(attribute === undefined ? {} : { NLMSGERR_ATTR_OFFS: this.#offsetOf(attribute, request) }),
      },
      {},
    );
    const header = withPort(encodeMessage(request), PORT).subarray(0, NLMSG_HDRLEN);
    return {
      type: NLMSG.ERROR,
      flags: flags | NLM_F.CAPPED | (details.length === 0 ? 0 : NLM_F.ACK_TLVS),
      payload: concatenate([code, header, details]),
    };
  }

  /** Where in a request the attribute of that path begins. */
  #offsetOf(attribute: string, { type, payload }: Message): number {
    const [, payloadType] = Object.values(this.#protocol.messages).find(([number]) => number === type) ?? [];
    for (let offset = 0; offset < payload.length; offset += 4)
      if (payloadType?.locate?.(payload, offset, {}).join("/") === attribute) return NLMSG_HDRLEN + offset;
    throw new Error(`the request has no ${attribute}`);
  }
}

/** linux/netlink.h, `enum nlmsgerr_attrs`. */
const extendedAck = attributes({ NLMSGERR_ATTR_MSG: [1, cString], NLMSGERR_ATTR_OFFS: [2, u32] });

function isAck(reply: object): boolean {
  return "status" in reply && reply.status === "NLMSG_ERROR" && !("errno" in reply);
}

/** Writes nlmsg_pid, which `encodeMessage` leaves to the kernel. */
function withPort(message: Uint8Array, port: number): Uint8Array {
  u32.writeAt(message, 12, port);
  return message;
}

// asm-generic/errno.h has ERESTART, node:os does not.
const ERRNO: Readonly<Record<string, number>> = { ...constants.errno, ERESTART: 85 };

function numberOf(errno: string): number {
  const number = ERRNO[errno];
  if (number === undefined) throw new Error(`no error number ${errno}`);
  return number;
}
