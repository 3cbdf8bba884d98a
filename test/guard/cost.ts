/** What one plugin call costs in things that noise cannot move: page faults, threads, programs, system calls. */

import { Caller } from "../support/measure/caller.ts";
import { FreshCopy } from "../support/measure/fresh-copy.ts";
import { Node, PODWIRE } from "../support/node/node.ts";
import { readTrace } from "./trace.ts";

export const VERBS = ["VERSION", "ADD", "CHECK", "DEL"] as const;
export type Verb = (typeof VERBS)[number];

export interface Cost {
  readonly minorFaults: number;
  readonly systemCalls: number;
  /** Threads and processes that the call starts. */
  readonly threads: number;
  /** Programs that are executed; the first is the plugin itself. */
  readonly programs: number;
}

/** Bridge and addresses alone. */
export const PLAIN = {
  cniVersion: "1.0.0",
  name: "guard",
  type: "podwire",
  bridge: "guard",
  isDefaultGateway: true,
  ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/16" }], [{ subnet: "fd00:1::/64" }]] },
};
/** Everything that a pod with a service of its own has. */
export const FULL = {
  ...PLAIN,
  ipMasq: true,
  runtimeConfig: {
    portMappings: [{ hostPort: 8080, containerPort: 80 }],
    bandwidth: { ingressRate: 1e9, egressRate: 1e9 },
  },
};
const ROUNDS = 5;
const TRACE = "/run/trace";

/** The least that each verb cost in a few rounds of dual-stack calls, after one round that makes bridge and directories. */
export async function measureCosts(conf: object): Promise<ReadonlyMap<Verb, Cost>> {
  await using node = await Node.create();
  await using caller = Caller.create(node);
  using copy = new FreshCopy([PODWIRE]);
  const plugin = copy.path(PODWIRE);
  const netns = node.addPod("pod");
  const costs = new Map<Verb, Cost>();
  for (let round = 0; round <= ROUNDS; round++) {
    const faults = await runAll(caller, conf, netns, [plugin]);
    const strace = ["/usr/bin/env", "strace", "-f", "-qq", "-o", TRACE];
    const traces = await runAll(caller, conf, netns, [...strace, plugin], () => node.sh(`cat ${TRACE}`));
    if (round === 0) continue;
    for (const verb of VERBS) {
      const minorFaults = faults.get(verb)?.minorFaults ?? Number.NaN;
      costs.set(verb, least(costs.get(verb), { minorFaults, ...readTrace(traces.get(verb)?.after ?? "") }));
    }
  }
  return costs;
}

interface Run {
  readonly minorFaults: number;
  /** What `after` gave right after the call. */
  readonly after: string;
}

/** Each verb once, in an order that leaves nothing behind. */
async function runAll(
  caller: Caller,
  conf: object,
  netns: string,
  argv: readonly string[],
  after = () => "",
): Promise<ReadonlyMap<Verb, Run>> {
  const runs = new Map<Verb, Run>();
  let prevResult: unknown;
  for (const verb of VERBS) {
    const { exitCode, stdout, minorFaults } = await caller.run({
      argv,
      env: {
        PATH: process.env.PATH ?? "",
        CNI_COMMAND: verb,
        CNI_CONTAINERID: "pod",
        CNI_NETNS: netns,
        CNI_IFNAME: "eth0",
        CNI_PATH: "/opt/cni/bin",
      },
      input: JSON.stringify({ ...conf, prevResult }),
    });
    if (exitCode !== 0) throw new Error(`${verb}: exit ${exitCode}: ${stdout}`);
    if (verb === "ADD") prevResult = JSON.parse(stdout);
    runs.set(verb, { minorFaults, after: after() });
  }
  return runs;
}

function least(a: Cost | undefined, b: Cost): Cost {
  if (a === undefined) return b;
  return {
    minorFaults: Math.min(a.minorFaults, b.minorFaults),
    systemCalls: Math.min(a.systemCalls, b.systemCalls),
    // Not the least: a thread that starts only now and then is one too many.
    threads: Math.max(a.threads, b.threads),
    programs: Math.max(a.programs, b.programs),
  };
}
