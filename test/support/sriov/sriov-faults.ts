/** Plugin calls about a pod on a virtual function that are killed, or refused by the kernel, at each of their changes. */

import { CHANGING, type Change, changesIn } from "../fault/changes.ts";
import type { PodCall, SriovNode } from "./sriov.ts";
import { observe } from "./sriov-facts.ts";

const LOG = "/run/strace.log";
export const KILL = "signal=KILL";

export interface Fault {
  readonly verb: "ADD" | "DEL";
  /** About c1. */
  readonly pod: PodCall;
  /** For strace: what befalls the call at a change. */
  readonly effect: string;
  /** Shell lines that follow, and print what they complain of. */
  readonly next: string;
  /** The changes at which it befalls; default: all. */
  readonly isAt?: (change: Change) => boolean;
}

/** How many changes there were, and what was left, or complained of, after a fault at each. */
export async function failuresOf(node: SriovNode, fault: Fault) {
  const changes = (await listChanges(node, fault)).filter(fault.isAt ?? (() => true));
  const failures: object[] = [];
  for (const { syscall, nth, text } of changes) {
    const options = `-e trace=${syscall} -e inject=${syscall}:${fault.effect}:when=${nth}`;
    const printed = await node.vm.sh(`${beginning(node, fault)}
      ( ${traced(node, fault, options)}) > /dev/null 2>&1 || true
      ( set -e; ${fault.next}\n) 2>&1 || echo failed
      ip netns del c1; echo @@@; ${observe}`);
    const [complaints, facts = ""] = printed.split("@@@\n");
    const left = node.compare(facts);
    if (complaints !== "" || left.length > 0) failures.push({ at: text, complaints, left });
    if (left.length > 0) await node.expectEmpty().catch(() => undefined); // the next one starts anew
  }
  return { count: changes.length, failures };
}

/** What is there before the call. */
function beginning(node: SriovNode, { verb, pod }: Fault): string {
  return `ip netns add c1\n${verb === "DEL" ? `( ${node.line("ADD", pod)}) > /dev/null` : ""}`;
}

function traced(node: SriovNode, { verb, pod }: Fault, options: string): string {
  return node.line(verb, { ...pod, wrapper: `strace -f -qq -s 200 -o ${LOG} ${options}` });
}

/** Those of a call that nobody disturbs. */
async function listChanges(node: SriovNode, fault: Fault): Promise<Change[]> {
  const whole = traced(node, fault, `-e trace=${CHANGING}`);
  const log = await node.vm.sh(
    `${beginning(node, fault)}\n( ${whole}${node.line("DEL", fault.pod)}) > /dev/null; ip netns del c1; cat ${LOG}`,
  );
  return changesIn(log);
}
