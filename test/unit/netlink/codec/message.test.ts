/** Netlink messages: headers, cutting of datagrams, acknowledgements with and without extended text. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../../src/netlink/codec/error.ts";
import {
  decodeAcknowledgement,
  decodeMessages,
  encodeMessage,
  NLM_F,
  NLMSG,
} from "../../../../src/netlink/codec/message.ts";

function bytes(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replace(/\s/g, ""));
}

const ECHO = "10000000 1000 0506 07000000 00000000"; // nlmsghdr of a request without payload

function acknowledgement(flags: number, hex: string, type: number = NLMSG.ERROR) {
  return decodeAcknowledgement({ type, flags, sequence: 1, port: 2, payload: bytes(hex) });
}

test("encodeMessage() writes header, payload and padding when given a request", () => {
  const message = { type: 16, flags: NLM_F.REQUEST | NLM_F.ACK, sequence: 7, payload: bytes("0102030405") };
  expect(encodeMessage(message).toHex()).toBe("15000000100005000700000000000000" + "0102030405000000");
});

test("decodeMessages() undoes encodeMessage() when several follow each other", () => {
  const message = fc.record({
    type: fc.nat(0xffff),
    flags: fc.nat(0xffff),
    sequence: fc.nat(0xffff_ffff),
    payload: fc.uint8Array({ maxLength: 30 }),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
      const datagram = Uint8Array.from(messages.flatMap((one) => [...encodeMessage(one)]));
      expect(decodeMessages(datagram)).toEqual(messages.map((one) => ({ ...one, port: 0 })));
    }),
  );
});

test("decodeMessages() gives payloads of their own when the received buffer is reused", () => {
  const buffer = bytes("14000000 1000 0000 01000000 02000000 01020304");
  const [message] = decodeMessages(buffer);
  buffer.fill(0);
  expect(message).toEqual({ type: 16, flags: 0, sequence: 1, port: 2, payload: bytes("01020304") });
});

test.for([
  ["a cut header", "10000000 1000 0000 01000000", "12 bytes after the last message"],
  [
    "a length below the header's",
    "0f000000 1000 0000 01000000 02000000",
    "message has length 15, 16 bytes are left",
  ],
  ["a length of zero", "00000000 1000 0000 01000000 02000000", "message has length 0, 16 bytes are left"],
  [
    "a length beyond the end",
    "14000000 1000 0000 01000000 02000000",
    "message has length 20, 16 bytes are left",
  ],
  [
    "the largest length",
    "ffffffff 1000 0000 01000000 02000000",
    "message has length 4294967295, 16 bytes are left",
  ],
] as const)("decodeMessages() throws a DecodeError when there is %s", ([, hex, message]) => {
  expect(() => decodeMessages(bytes(hex))).toThrow(expect.objectContaining({ name: "DecodeError", message }));
});

const TEXT = "07000100 6e6f0000";
const OFFSET = "08000200 20000000";
const COOKIE = "08000300 01020304";

test.for([
  ["success", 0, `00000000 ${ECHO}`, { errno: 0 }],
  ["a refusal without text", NLM_F.CAPPED, `efffffff ${ECHO}`, { errno: 17 }],
  ["text", NLM_F.CAPPED | NLM_F.ACK_TLVS, `efffffff ${ECHO} ${TEXT}`, { errno: 17, text: "no" }],
  [
    "text and offset",
    NLM_F.CAPPED | NLM_F.ACK_TLVS,
    `efffffff ${ECHO} ${TEXT} ${OFFSET}`,
    { errno: 17, text: "no", offset: 16 },
  ],
  [
    "an attribute of later kernels",
    NLM_F.CAPPED | NLM_F.ACK_TLVS,
    `efffffff ${ECHO} ${COOKIE} ${TEXT}`,
    { errno: 17, text: "no" },
  ],
  [
    "a warning with success",
    NLM_F.CAPPED | NLM_F.ACK_TLVS,
    `00000000 ${ECHO} ${TEXT}`,
    { errno: 0, text: "no" },
  ],
  [
    "text after the whole request",
    NLM_F.ACK_TLVS,
    `efffffff 15000000 1000 0506 07000000 00000000 0102030405 000000 ${TEXT}`,
    { errno: 17, text: "no" },
  ],
] as const)("decodeAcknowledgement() reads the kernel's answer when it is %s", ([, flags, hex, wanted]) => {
  expect(acknowledgement(flags, hex)).toEqual(wanted);
});

test("decodeAcknowledgement() reads the status alone when the message ends a dump", () => {
  expect(acknowledgement(NLM_F.ACK_TLVS, "fcffffff", NLMSG.DONE)).toEqual({ errno: 4 });
});

test.for([
  ["no status", 0, "0000", "2 bytes, want at least 4"],
  ["text announced and none there", NLM_F.CAPPED | NLM_F.ACK_TLVS, "efffffff", "4 bytes, want at least 20"],
  ["the request announced and cut", NLM_F.ACK_TLVS, "efffffff 10000000", expect.stringContaining("8 bytes")],
] as const)("decodeAcknowledgement() throws a DecodeError when there is %s", ([, flags, hex, message]) => {
  expect(() => acknowledgement(flags, hex)).toThrow(
    expect.objectContaining({ name: "DecodeError", message }),
  );
});

/** Runs `decode` on bytes; anything but a value or a DecodeError escapes. */
function onlyDecodeError(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

test("decodeMessages() gives messages or a DecodeError when given random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (datagram) =>
      onlyDecodeError(() => decodeMessages(datagram)),
    ),
    { numRuns: 1000 },
  );
});

test("decodeAcknowledgement() gives a status or a DecodeError when given random bytes", () => {
  const message = fc.record({
    type: fc.constantFrom(NLMSG.ERROR, NLMSG.DONE),
    flags: fc.constantFrom(0, NLM_F.CAPPED, NLM_F.ACK_TLVS, NLM_F.CAPPED | NLM_F.ACK_TLVS),
    sequence: fc.nat(),
    port: fc.nat(),
    payload: fc.uint8Array({ maxLength: 80 }),
  });
  fc.assert(
    fc.property(message, (value) => onlyDecodeError(() => decodeAcknowledgement(value))),
    { numRuns: 1000 },
  );
});
