/** The one place where what went wrong inside becomes a CNI error. */

import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR, type CniErrorCode } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { isErrno, SyscallError } from "../linux/error.ts";
import { isNoFile } from "../linux/file.ts";
import { NetlinkError } from "../netlink/error.ts";
import { IncompleteRemoval } from "./del.ts";
import { StepError, type StepFailure } from "./steps/step.ts";

/** What an error of the kernel means, by its number and where it came from; the first that applies. */
interface Rule {
  readonly applies: (error: Error) => boolean;
  readonly code: CniErrorCode;
  /** What would be right. */
  readonly advice: string;
}

const RULES: readonly Rule[] = [
  {
    applies: (error) => isErrno(error, "EPERM"),
    code: CNI_ERROR.kernel,
    advice: "run the plugin as root with CAP_NET_ADMIN and CAP_SYS_ADMIN",
  },
  {
    applies: (error) => isErrno(error, "EBUSY", "EAGAIN", "ENOMEM", "ENOBUFS"),
    code: CNI_ERROR.tryAgainLater,
    advice: "the node is short of resources; try again",
  },
  {
    applies: (error) => isErrno(error, "EOPNOTSUPP"),
    code: CNI_ERROR.kernel,
    advice: "this kernel lacks the feature; look for its module",
  },
  {
    // Of the protocols in use, rtnetlink is in every kernel that has a network.
    applies: (error) => isErrno(error, "EPROTONOSUPPORT") && error instanceof SyscallError,
    code: CNI_ERROR.kernel,
    advice:
      "this kernel has no nf_tables; load its module nf_tables (modprobe), or boot a kernel that has it",
  },
  {
    applies: (error) => error instanceof NetlinkError,
    code: CNI_ERROR.kernel,
    advice: "PODWIRE_NETLINK_DEBUG=1 prints every message to the kernel",
  },
  {
    applies: (error) => isErrno(error, "ENOSPC", "EDQUOT"),
    code: CNI_ERROR.io,
    advice: "free space on the file system",
  },
  {
    applies: isNoFile,
    code: CNI_ERROR.io,
    advice: "something else is in the place of this file: remove it",
  },
  {
    applies: (error) => "syscall" in error,
    code: CNI_ERROR.io,
    advice: "look at the path, its rights and its file system",
  },
];

/** @returns the error as it is if it is one already; never 3, which would tell the runtime that no DEL is needed */
export function toCniError(error: unknown): CniError {
  if (error instanceof CniError) return error;
  if (error instanceof StepError) return withStep(error);
  if (error instanceof IncompleteRemoval) {
    const problem = `${error.message}: ${describeFailures(error.failures)}`;
    return new CniError(CNI_ERROR.incompleteRemoval, problem, "mend the cause and call again", {
      cause: error,
    });
  }
  if (!(error instanceof Error)) return new CniError(CNI_ERROR.internal, String(error));
  const meaning = error instanceof PodwireError ? error : RULES.find(({ applies }) => applies(error));
  if (meaning !== undefined)
    return new CniError(meaning.code, error.message, meaning.advice, { cause: error });
  const problem = `unexpected ${error.name}: ${error.message}`;
  return new CniError(CNI_ERROR.internal, problem, "this is a fault of podwire; please report it", {
    cause: error,
  });
}

/** The step's own error with the step's name before it; a delegated plugin's passes unchanged. */
function withStep({ step, cause, rollbackFailures }: StepError): CniError {
  const { code, message, details } = toCniError(cause);
  const left =
    rollbackFailures.length === 0
      ? ""
      : `left behind, GC or DEL will try again: ${describeFailures(rollbackFailures)}`;
  const isOurs = !(cause instanceof CniError);
  return new CniError(
    code,
    isOurs ? `${step}: ${message}` : message,
    [details, left].filter((part) => part !== "").join("; "),
    { cause },
  );
}

function describeFailures(failures: readonly StepFailure[]): string {
  return failures.map(({ step, cause }) => `${step}: ${toCniError(cause).message}`).join("; ");
}
