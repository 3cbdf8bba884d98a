/** Network namespaces: opened by path, entered for as long as one synchronous action takes. */

import { ignoringErrno } from "./error.ts";
import { closeFile, OPEN, openFile } from "./file.ts";
import { check, libc } from "./libc.ts";
import { statDescriptor, statFile } from "./stat.ts";

const CLONE_NEWNET = 0x40000000;
/** The one that the process runs in. */
export const OWN_NETNS = "/proc/self/ns/net";

/** An open network namespace, kept alive by its descriptor until it is closed. */
export class NetnsHandle {
  readonly path: string;
  readonly fd: number;
  /** The namespace to go back to, once it was left. */
  #home: number | undefined;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  /** @throws {SyscallError} ENOENT: nothing at that path */
  static open(path: string): NetnsHandle {
    return new NetnsHandle(path, openFile(path, OPEN.readOnly | OPEN.nonBlock));
  }

  /**
   * Runs `action` with this process's network namespace set to this one, then goes back.
   *
   * The action must be synchronous and should only make sockets or write sysctls: a socket stays in the
   * namespace where it was made.
   * @throws {SyscallError} EINVAL: the path is no network namespace
   */
  run<T>(action: () => T): T {
    this.#home ??= openFile(OWN_NETNS, OPEN.readOnly);
    return restoringNetns(
      this.#home,
      () => check("setns", this.path, libc.setns(this.fd, CLONE_NEWNET)),
      action,
    );
  }

  /** True where this is the namespace that the process runs in. */
  isOwn(): boolean {
    return statDescriptor(this.fd).identity === statFile(OWN_NETNS).identity;
  }

  [Symbol.dispose](): void {
    if (this.#home !== undefined) closeFile(this.#home);
    closeFile(this.fd);
  }
}

/** Runs `action` where `enter` has moved the process, which is in its own namespace `home` again afterwards. */
function restoringNetns<T>(home: number, enter: () => void, action: () => T): T {
  enter();
  try {
    return action();
  } finally {
    restoreNetns(home);
  }
}

/** With a second try, as memory may be short for a moment: from a pod's namespace nothing could be taken back. */
function restoreNetns(fd: number): void {
  if (libc.setns(fd, CLONE_NEWNET) !== 0) check("setns", OWN_NETNS, libc.setns(fd, CLONE_NEWNET));
}

/**
 * True where a namespace is at that path: a mount, or a link below /proc. A plain file that the end of a mount left
 * behind is none.
 */
export function isNamespace(path: string): boolean {
  const isOne = () => statFile(path).device === statFile(OWN_NETNS).device;
  return path !== "" && ignoringErrno(isOne, false, "ENOENT", "ENOTDIR", "EACCES");
}

/** Moves this process into a new, empty network namespace for good. @see unshare(2) */
export function enterNewNetns(): void {
  check("unshare", "net", libc.unshare(CLONE_NEWNET));
}

/**
 * Runs `action` in a new, empty network namespace, which is gone afterwards with all that is in it.
 *
 * As with {@link NetnsHandle.run} the action must be synchronous; sockets that it leaves open keep the namespace.
 * @throws {SyscallError} EPERM: no CAP_SYS_ADMIN
 */
export function inNewNetns<T>(action: () => T): T {
  const home = openFile(OWN_NETNS, OPEN.readOnly);
  try {
    return restoringNetns(home, enterNewNetns, action);
  } finally {
    closeFile(home);
  }
}
