/** The one place where what went wrong inside becomes a CNI error. */

import { CNI_ERROR, CniError } from "../cni/error.ts";
import { AddressUnavailable, PoolExhausted } from "../ipam/allocate.ts";
import { NotABridge } from "../link/bridge.ts";
import { NoVlanFiltering } from "../link/bridge-vlan.ts";
import { NotThisVlan, UplinkDown } from "../link/vlan.ts";
import { NotAGateway } from "../link/vlan-gateway.ts";
import { isErrno } from "../linux/error.ts";
import { LockTimeout } from "../linux/lock.ts";
import { NetlinkError } from "../netlink/error.ts";
import { InvalidFile } from "../network/document.ts";
import { ForeignQueue, NoPlace } from "../shaping/uplink.ts";
import { VfTaken } from "../sriov/claims.ts";
import { DriverNotBound } from "../sriov/driver.ts";
import { BandwidthExhausted, NoFreeVf, NoSuchPf } from "../sriov/no-free-vf.ts";
import { VfSettingRefused } from "../sriov/vf-setting-refused.ts";
import { IncompleteRemoval } from "./del.ts";
import { AttachmentExists } from "./record/store.ts";
import { StepError, type StepFailure } from "./steps/step.ts";

interface Rule {
  readonly applies: (error: Error) => boolean;
  readonly code: number;
  /** What would be right. */
  readonly advice: string;
}

const RULES: readonly Rule[] = [
  {
    applies: (error) => error instanceof PoolExhausted,
    code: CNI_ERROR.tryAgainLater,
    advice: "delete pods, enlarge the range, or free leaked addresses with GC",
  },
  {
    applies: (error) => error instanceof AddressUnavailable && error.mayComeFree,
    code: CNI_ERROR.tryAgainLater,
    advice: "ask for another address, or delete its holder",
  },
  {
    applies: (error) => error instanceof AddressUnavailable,
    code: CNI_ERROR.invalidNetconf,
    advice: "ask for an address of this network",
  },
  {
    applies: (error) => error instanceof LockTimeout,
    code: CNI_ERROR.tryAgainLater,
    advice: "another call holds it; try again",
  },
  {
    applies: (error) => error instanceof AttachmentExists,
    code: CNI_ERROR.alreadyExists,
    advice: "DEL the attachment before it is added again",
  },
  {
    applies: (error) => error instanceof NotABridge,
    code: CNI_ERROR.alreadyExists,
    advice: "name another bridge in the configuration",
  },
  {
    applies: (error) => error instanceof InvalidFile,
    code: CNI_ERROR.invalidNetconf,
    advice: "correct the file; podwire network list and podwire doctor read it again",
  },
  {
    applies: (error) => error instanceof NoFreeVf || error instanceof BandwidthExhausted,
    code: CNI_ERROR.tryAgainLater,
    advice: "delete a pod that holds one; podwire vf list shows who does",
  },
  {
    applies: (error) => error instanceof VfTaken,
    code: CNI_ERROR.tryAgainLater,
    advice: "it comes free with the DEL of its holder",
  },
  {
    applies: (error) => error instanceof NoSuchPf,
    code: CNI_ERROR.invalidNetconf,
    advice: "correct attach.pfs in the network's file; podwire vf list shows what there is",
  },
  {
    applies: (error) => error instanceof VfSettingRefused || error instanceof DriverNotBound,
    code: CNI_ERROR.kernel,
    advice: "the VF is as it was before",
  },
  {
    applies: (error) => error instanceof NotThisVlan || error instanceof NotAGateway,
    code: CNI_ERROR.alreadyExists,
    advice: "remove or rename that interface",
  },
  {
    applies: (error) => error instanceof ForeignQueue,
    code: CNI_ERROR.alreadyExists,
    advice: "remove that queue (tc qdisc del dev UPLINK root), or ask for tier best-effort",
  },
  {
    applies: (error) => error instanceof NoPlace,
    code: CNI_ERROR.tryAgainLater,
    advice: "another hardware address has a place: try again, or ask for tier best-effort",
  },
  {
    applies: (error) => error instanceof UplinkDown,
    code: CNI_ERROR.tryAgainLater,
    advice: "ip link set dev UPLINK up",
  },
  {
    applies: (error) => error instanceof NoVlanFiltering,
    code: CNI_ERROR.kernel,
    advice: "want a kernel that has it, or no VLAN; named networks have VLANs with --attach macvlan too",
  },
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
    const problem = `${error.message}: ${describeFailures(error.leftovers)}`;
    return new CniError(CNI_ERROR.incompleteRemoval, problem, "mend the cause and call again", {
      cause: error,
    });
  }
  if (!(error instanceof Error)) return new CniError(CNI_ERROR.internal, String(error));
  const rule = RULES.find(({ applies }) => applies(error));
  if (rule !== undefined) return new CniError(rule.code, error.message, rule.advice, { cause: error });
  const problem = `unexpected ${error.name}: ${error.message}`;
  return new CniError(CNI_ERROR.internal, problem, "this is a fault of podwire; please report it", {
    cause: error,
  });
}

/** The step's own error with the step's name before it; a delegated plugin's passes unchanged. */
function withStep({ step, cause, leftovers }: StepError): CniError {
  const { code, message, details } = toCniError(cause);
  const left =
    leftovers.length === 0 ? "" : `left behind, GC or DEL will try again: ${describeFailures(leftovers)}`;
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
