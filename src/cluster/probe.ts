/** Asks other nodes for a sign of life: a datagram, or a segment, to a port that nobody listens at, which the kernel there refuses. */

import { type Address, addressToBytes } from "../addr/address.ts";
import { errnoName } from "../linux/errno.ts";
import { closeFile } from "../linux/file.ts";
import { check, libc } from "../linux/libc.ts";
import { arch, lastErrno } from "../linux/native.ts";
import { be16, i32, u16 } from "../netlink/codec/integer.ts";
import { struct } from "../netlink/codec/struct.ts";
import { AF } from "../netlink/route/protocol.ts";

export interface Question {
  readonly protocol: "udp" | "tcp";
  readonly to: Address;
  /** Of the IP packet; UDP alone. It is not cut into fragments. */
  readonly bytes?: number;
}

/** `answered`: the host is reached, and its answer came back; `too-large`: not even this node's interface takes it. */
export type Answer = "answered" | "silent" | "too-large" | "unreachable";

/** tcpmux, RFC 1078: no host has it by now. */
const PORT = 1;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK_CLOEXEC = 0o2004000;
/** Never cut into fragments, and whatever was learned of the path: linux/in.h, linux/in6.h. */
const DO_NOT_FRAGMENT = {
  4: { level: 0, option: 10, value: 3 },
  6: { level: 41, option: 23, value: 3 },
} as const;
const HEADERS = { 4: 20 + 8, 6: 40 + 8 } as const;
const POLLIN = 1;
const POLLOUT = 4;
const SYS_CONNECT = arch === "arm64" ? 203 : 42;

const pollfd = struct({ fd: i32, events: u16, revents: u16 });
const LOOK_MS = 20;

interface Asked {
  readonly fd: number;
  readonly events: number;
  answer: Answer | undefined;
}

/** All at once; blocks until each is answered, or the time is over. @returns in their order */
export function askNodes(questions: readonly Question[], timeoutMs: number): Answer[] {
  const asked = questions.map(ask);
  try {
    const end = performance.now() + timeoutMs;
    while (asked.some(({ answer }) => answer === undefined) && performance.now() < end) look(asked);
    return asked.map(({ answer }) => answer ?? "silent");
  } finally {
    for (const { fd } of asked) closeFile(fd);
  }
}

function ask({ protocol, to, bytes = 0 }: Question): Asked {
  const kind = (protocol === "udp" ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK_CLOEXEC;
  const family = to.family === 4 ? AF.INET : AF.INET6;
  const fd = check("socket", protocol, libc.socket(family, kind, 0));
  const { level, option, value } = DO_NOT_FRAGMENT[to.family];
  const flag = new Uint8Array(new Int32Array([value]).buffer);
  check("setsockopt", protocol, libc.setsockopt(fd, level, option, flag, flag.length));
  const place = socketAddress(family, to);
  const isConnected = libc.syscall(SYS_CONNECT, fd, place, place.length, 0, null);
  if (protocol === "tcp") return { fd, events: POLLOUT, answer: answerOf(Number(isConnected)) };
  const data = new Uint8Array(Math.max(bytes - HEADERS[to.family], 1));
  const isSent = Number(isConnected) === -1 ? -1 : Number(libc.send(fd, data, data.length, 0));
  // What is sent is no answer yet.
  return { fd, events: POLLIN, answer: isSent === -1 ? answerOf(-1) : undefined };
}

/** `struct sockaddr_in` and `sockaddr_in6`. */
function socketAddress(family: number, to: Address): Uint8Array {
  const bytes = new Uint8Array(to.family === 4 ? 16 : 28);
  bytes.set(u16.write(family, {}), 0);
  bytes.set(be16.write(PORT, {}), 2);
  bytes.set(addressToBytes(to), to.family === 4 ? 4 : 8);
  return bytes;
}

/** By what a call on the socket gave; undefined: nothing is known yet. */
function answerOf(result: number): Answer | undefined {
  if (result !== -1) return "answered";
  switch (errnoName(lastErrno())) {
    case "EINPROGRESS":
    case "EAGAIN":
      return undefined;
    case "ECONNREFUSED":
    case "ECONNRESET":
      return "answered";
    case "EMSGSIZE":
      return "too-large";
    default:
      return "unreachable";
  }
}

function look(asked: readonly Asked[]): void {
  const open = asked.filter(({ answer }) => answer === undefined);
  const size = 8;
  const all = new Uint8Array(open.length * size);
  for (const [index, { fd, events }] of open.entries())
    all.set(pollfd.write({ fd, events, revents: 0 }, {}), index * size);
  libc.poll(all, open.length, LOOK_MS);
  const buffer = new Uint8Array(1);
  for (const [index, one] of open.entries()) {
    const { revents = 0 } = pollfd.read(all.subarray(index * size, (index + 1) * size), {});
    if (revents === 0) continue;
    const answer = answerOf(Number(libc.recv(one.fd, buffer, buffer.length, 0)));
    // A connection that is made has nothing to be read yet.
    one.answer = answer ?? (one.events === POLLOUT ? "answered" : undefined);
  }
}
