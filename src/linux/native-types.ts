/** What both runtimes give: native.ts under Bun, native.engine.ts in a plugin call. */

type Bytes = Uint8Array;

/** Functions of the C library, as section 2 of the manual has them; each gives -1 where it fails. */
export interface Libc {
  open(path: Bytes, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, buffer: Bytes, size: number): number;
  write(fd: number, buffer: Bytes, size: number): number;
  linkat(fromFd: number, from: Bytes, toFd: number, to: Bytes, flags: number): number;
  readlink(path: Bytes, buffer: Bytes, size: number): number;
  symlink(target: Bytes, path: Bytes): number;
  unlink(path: Bytes): number;
  rename(from: Bytes, to: Bytes): number;
  fsync(fd: number): number;
  mkdir(path: Bytes, mode: number): number;
  access(path: Bytes, mode: number): number;
  flock(fd: number, operation: number): number;
  setns(fd: number, type: number): number;
  unshare(flags: number): number;
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Bytes, size: number): number;
  getsockname(fd: number, address: Bytes, size: Bytes): number;
  setsockopt(fd: number, level: number, option: number, value: Bytes, size: number): number;
  send(fd: number, buffer: Bytes, size: number, flags: number): number;
  recv(fd: number, buffer: Bytes, size: number, flags: number): number;
  /** `fds` is null where only the time is waited for. */
  poll(fds: Bytes | null, count: number, timeoutMs: number): number;
  isatty(fd: number): number;
  getpid(): number;
  _exit(status: number): void;
  /** Only for calls that the oldest supported C library (2.17) has no wrapper for. */
  syscall(
    number: number,
    fd: number | bigint,
    address: Bytes,
    a: number,
    b: number,
    buffer: Bytes | null,
  ): number;
}

/** How a program ended. */
export interface Finished {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: Uint8Array;
}
