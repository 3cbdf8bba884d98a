/** Netlink messages: the header that every request and reply has, and the kernel's answer to a request. */

import { align, attributes } from "./attributes.ts";
import { DecodeError } from "./error.ts";
import { i32, u16, u32 } from "./integer.ts";
import { headed, struct } from "./struct.ts";
import { concatenate, cString, type PayloadType } from "./type.ts";

/** `struct nlmsghdr`, linux/netlink.h. */
const nlmsghdr = struct({
  nlmsg_len: u32,
  nlmsg_type: u16,
  nlmsg_flags: u16,
  nlmsg_seq: u32,
  nlmsg_pid: u32,
});

export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3 } as const;

/** Flags of a request or reply, linux/netlink.h. */
export const NLM_F = {
  REQUEST: 0x1,
  ACK: 0x4,
  ECHO: 0x8,
  DUMP_INTR: 0x10,
  DUMP: 0x300,
  CAPPED: 0x100,
  ACK_TLVS: 0x200,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
} as const;

// biome-ignore lint/suspicious/noExplicitAny: the messages of a protocol have payloads of every type
type AnyPayload = PayloadType<any>;

/** A protocol's messages: UAPI name → number, payload type, and what is read of a reply where that is less. */
export type MessageTable = Readonly<
  Record<string, readonly [type: number, payload: AnyPayload, reply?: AnyPayload]>
>;

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly port: number;
  readonly payload: Uint8Array;
}

export function encodeMessage(message: Omit<Message, "port">): Uint8Array {
  const nlmsg_len = nlmsghdr.size + message.payload.length;
  const { type: nlmsg_type, flags: nlmsg_flags, sequence: nlmsg_seq } = message;
  const bytes = new Uint8Array(align(nlmsg_len));
  bytes.set(nlmsghdr.write({ nlmsg_len, nlmsg_type, nlmsg_flags, nlmsg_seq }, {}));
  bytes.set(message.payload, nlmsghdr.size);
  return bytes;
}

/** Cuts a received datagram into its messages. @throws {DecodeError} where a length does not fit */
export function decodeMessages(bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const left = bytes.length - offset;
    if (left < nlmsghdr.size) throw new DecodeError(`${left} bytes after the last message`);
    const length = u32.readAt(bytes, offset);
    if (length < nlmsghdr.size || length > left) {
      throw new DecodeError(`message has length ${length}, ${left} bytes are left`);
    }
    messages.push({
      type: u16.readAt(bytes, offset + 4),
      flags: u16.readAt(bytes, offset + 6),
      sequence: u32.readAt(bytes, offset + 8),
      port: u32.readAt(bytes, offset + 12),
      payload: bytes.slice(offset + nlmsghdr.size, offset + length),
    });
    offset += align(length);
  }
  return messages;
}

/** `struct nlmsgerr` up to the header of the failed request. */
const nlmsgerr = struct({
  error: i32,
  nlmsg_len: u32,
  nlmsg_type: u16,
  nlmsg_flags: u16,
  nlmsg_seq: u32,
  nlmsg_pid: u32,
});

const errorAttributes = attributes({ NLMSGERR_ATTR_MSG: [1, cString], NLMSGERR_ATTR_OFFS: [2, u32] });

const extendedAck = headed(nlmsgerr, errorAttributes);

export interface Acknowledgement {
  /** 0 for success, else a positive error number. */
  readonly errno: number;
  /** The kernel's own words, where it has any. */
  readonly text?: string;
  /** Offset of the attribute at fault in the request's payload. */
  readonly offset?: number;
}

/** Reads an NLMSG_ERROR; also the status in NLMSG_DONE, which has no request header. */
export function decodeAcknowledgement(message: Message): Acknowledgement {
  if (message.payload.length < 4) throw new DecodeError(`${message.payload.length} bytes, want at least 4`);
  const errno = 0 - i32.readAt(message.payload, 0);
  if (message.type !== NLMSG.ERROR || (message.flags & NLM_F.ACK_TLVS) === 0) return { errno };
  const capped = (message.flags & NLM_F.CAPPED) !== 0;
  const fields = extendedAck.read(capped ? message.payload : withoutEcho(message.payload), {});
  return {
    errno,
    ...(fields.NLMSGERR_ATTR_MSG === undefined ? {} : { text: fields.NLMSGERR_ATTR_MSG }),
    ...(fields.NLMSGERR_ATTR_OFFS === undefined ? {} : { offset: fields.NLMSGERR_ATTR_OFFS - nlmsghdr.size }),
  };
}

/** Cuts out the payload of the failed request, which stands between its header and the attributes. */
function withoutEcho(payload: Uint8Array): Uint8Array {
  const { nlmsg_len = 0 } = nlmsgerr.read(payload, {});
  const attributesStart = nlmsgerr.size + align(Math.max(0, nlmsg_len - nlmsghdr.size));
  return concatenate([payload.subarray(0, nlmsgerr.size), payload.subarray(attributesStart)]);
}
