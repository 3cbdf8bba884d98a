/** The error of a failed system call, with what it was asked to act on. */

export class SyscallError extends Error {
  override readonly name = "SyscallError";
  readonly syscall: string;
  /** Symbolic, like "ENOENT". */
  readonly errno: string;
  /** The path or file descriptor that the call was about. */
  readonly target: string;

  constructor(syscall: string, errno: string, target: string) {
    super(`${syscall}: ${target === "" ? "" : `"${target}": `}${errno}`);
    this.syscall = syscall;
    this.errno = errno;
    this.target = target;
  }
}

/** True where `error` is a failed system call or netlink request with one of these error names. */
export function isErrno(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && "errno" in error && names.some((name) => name === error.errno);
}

/** Runs `action`; `otherwise` where it fails with one of these errors. */
export function ignoringErrno<T>(action: () => T, otherwise: T, ...names: readonly string[]): T {
  try {
    return action();
  } catch (error) {
    if (isErrno(error, ...names)) return otherwise;
    throw error;
  }
}
