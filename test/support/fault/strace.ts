/** Plugin calls under strace(1) with one system call failing, or the process killed at it. */

import { type Finished, type Node, PODWIRE, REFERENCE_DIR } from "../node/node.ts";

export interface TracedCall {
  readonly command: string;
  readonly conf: object;
  readonly containerId?: string;
  readonly netns?: string;
  readonly ifname?: string;
}

export interface Injection {
  /** Name of the system call. */
  readonly syscall: string;
  /** Which of its calls, from 1 on; `3+` for the third and all after it. */
  readonly nth: number | string;
  /** `error=ENOBUFS` or `signal=KILL`. */
  readonly effect: string;
}

export interface Traced extends Finished {
  /** False where the process made fewer such calls. */
  readonly wasHit: boolean;
}

/** What {@link Node.run} gives for a process that a signal ended: strace dies as its tracee did. */
const KILLED = 128;
const LOG = "/run/strace.log";

/** One call of the executable with one fault in it; strace's own exit status stands for the executable's. */
export function traced(node: Node, call: TracedCall, injection: Injection): Traced {
  const { command, conf, containerId = "c1", netns = `/run/netns/${containerId}`, ifname = "eth0" } = call;
  const { syscall, nth, effect } = injection;
  const inject = `inject=${syscall}:${effect}:when=${nth}`;
  const argv = ["strace", "-f", "-qq", "-o", LOG, "-e", `trace=${syscall}`, "-e", inject, PODWIRE];
  const env = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns,
    CNI_IFNAME: ifname,
    CNI_PATH: REFERENCE_DIR,
  };
  const done = node.run(argv, { env, input: JSON.stringify(conf) });
  const log = node.sh(`cat ${LOG}`);
  return { ...done, wasHit: log.includes("(INJECTED)") || done.exitCode === KILLED };
}

/** Runs `body` with a fault at the first, second, … such call, until the process makes no more of them. */
export function forEachCall(syscall: string, effect: string, body: (injection: Injection) => Traced): number {
  for (let nth = 1; ; nth++) {
    if (!body({ syscall, nth, effect }).wasHit) return nth - 1;
  }
}
