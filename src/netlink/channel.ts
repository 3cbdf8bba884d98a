/** The system calls of a netlink socket: its options and address, and datagrams in both directions. */

import { closeFile, POLL, waitFor } from "../linux/file.ts";
import { check, libc } from "../linux/libc.ts";
import type { NetnsHandle } from "../linux/netns.ts";
import { i32, u16, u32 } from "./codec/integer.ts";

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const SOL_NETLINK = 270;

/** Socket options, linux/netlink.h. */
export const NETLINK_OPTION = { ADD_MEMBERSHIP: 1, CAP_ACK: 10, EXT_ACK: 11, GET_STRICT_CHK: 12 } as const;

/** Datagrams to a kernel and from it, whole. */
export interface Channel {
  /** The address that replies carry (nlmsg_pid). */
  readonly port: number;
  send(datagram: Uint8Array): void;
  /**
   * Waits for a datagram and copies it to the start of `buffer`; returns its length, also where `buffer` is shorter.
   * @throws {SyscallError} EINTR: a signal came first, no datagram is lost; ENOBUFS: datagrams were lost
   */
  receive(buffer: Uint8Array): number;
  /** Waits for a datagram without taking it; false after `timeoutMs` without one. */
  wait(timeoutMs: number): boolean;
  /** Lets the messages of a multicast group in. */
  joinGroup(group: number): void;
  close(): void;
}

const MSG_TRUNC = 0x20; // linux/socket.h

/** The channel to the kernel that this process runs on. */
export class KernelChannel implements Channel {
  readonly port: number;
  /** For a program that waits for datagrams in an event loop of its own. */
  readonly fd: number;

  /** A socket in `netns` where one is given. @throws {SyscallError} EINVAL: `netns` is no network namespace */
  constructor(protocol: number, netns: NetnsHandle | undefined) {
    this.fd = openDescriptor(protocol, netns);
    this.port = bindAndGetPort(this.fd);
  }

  send(datagram: Uint8Array): void {
    if (datagram.length > LARGE_SEND) makeRoom(this.fd, datagram.length);
    check("send", "netlink", libc.send(this.fd, datagram, datagram.length, 0));
  }

  receive(buffer: Uint8Array): number {
    return check("recv", "netlink", libc.recv(this.fd, buffer, buffer.length, MSG_TRUNC));
  }

  wait(timeoutMs: number): boolean {
    return waitFor(this.fd, POLL.in, timeoutMs);
  }

  joinGroup(group: number): void {
    setOption(this.fd, NETLINK_OPTION.ADD_MEMBERSHIP, group);
  }

  close(): void {
    closeFile(this.fd);
  }
}

/** Makes the descriptor, in `netns` where one is given. @throws {SyscallError} EINVAL: `netns` is no network namespace */
function openDescriptor(protocol: number, netns: NetnsHandle | undefined): number {
  const create = () => check("socket", "netlink", libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol));
  const fd = netns === undefined ? create() : netns.run(create);
  const { CAP_ACK, EXT_ACK, GET_STRICT_CHK } = NETLINK_OPTION;
  for (const option of [CAP_ACK, EXT_ACK, GET_STRICT_CHK]) setOption(fd, option, 1);
  return fd;
}

/** Bytes that a socket takes at once without being asked, with room to spare: net.core.wmem_default is 212992. */
const LARGE_SEND = 150_000;

const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32; // asm-generic/socket.h
/** The kernel counts what it needs around the bytes as well. */
const OVERHEAD = 2;

/** Lets a socket take so many bytes at once. @throws {SyscallError} EPERM: no CAP_NET_ADMIN */
function makeRoom(fd: number, length: number): void {
  const bytes = new Uint8Array(new ArrayBuffer(4));
  i32.writeAt(bytes, 0, length * OVERHEAD);
  check("setsockopt", fd, libc.setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, bytes, bytes.length));
}

function setOption(fd: number, option: number, value: number): void {
  const bytes = new Uint8Array(new ArrayBuffer(4));
  i32.writeAt(bytes, 0, value);
  check("setsockopt", fd, libc.setsockopt(fd, SOL_NETLINK, option, bytes, bytes.length));
}

/** Lets the kernel choose the socket's address (`struct sockaddr_nl`) and reads its port back. */
function bindAndGetPort(fd: number): number {
  const sockaddr = new Uint8Array(new ArrayBuffer(12));
  u16.writeAt(sockaddr, 0, AF_NETLINK);
  check("bind", fd, libc.bind(fd, sockaddr, sockaddr.length));
  const length = new Uint8Array(new ArrayBuffer(4));
  u32.writeAt(length, 0, sockaddr.length);
  check("getsockname", fd, libc.getsockname(fd, sockaddr, length));
  return u32.readAt(sockaddr, 4);
}
