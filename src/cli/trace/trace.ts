/** The way of a packet from a pod to an address, looked up part by part. */

import type { Facts } from "./facts.ts";
import { leavePod, type Question, type Sent } from "./from-pod.ts";
import { fromPort } from "./from-port.ts";
import { type Leg, type Way, walk } from "./hop.ts";
import { fromMacvlan, fromVf } from "./segment.ts";

export function trace(question: Question): Way {
  return walk(() => leavePod(question, (sent) => onwards(question.facts, sent)));
}

function onwards(facts: Facts, sent: Sent): Leg {
  const { kind } = sent.record;
  if (kind === "macvlan") return fromMacvlan(facts, sent);
  return kind === "sriov" ? fromVf(facts, sent) : fromPort(facts, sent);
}
