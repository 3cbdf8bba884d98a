/** This node's part in the cluster: follows nodes, configuration and kernel, and repairs what has changed. */

import { formatPrefix, type Prefix } from "../addr/prefix.ts";
import { touchesOurTables, watchRulesets } from "../node/ruleset-watch.ts";
import type { ClusterConfig } from "./config/config.ts";
import { type Interest, type Meaning, watchKernel } from "./kernel/events.ts";
import { type Depth, Reconciler, type Round } from "./reconcile.ts";
import { type Log, Reporter } from "./report.ts";
import { Schedule } from "./schedule.ts";
import type { ApiState, NodeSource, NodeView } from "./sources/source.ts";

/** Settings of this node's new pods. */
export interface PodSettings {
  readonly ranges: readonly Prefix[];
  /** Bytes. */
  readonly mtu: number;
  readonly masquerade: boolean;
}

/** "awaited": this node's pods cannot be started yet. */
export type ClusterPods = PodSettings | "awaited";

export interface ClusterOptions {
  /** Of this node. */
  readonly name: string;
  readonly config: ClusterConfig;
  readonly log: Log;
  /** Makes the source of nodes, which calls `changed` for each other view. */
  source(changed: () => void): NodeSource;
  /** Called once all that pods of the node need is there, and again when the settings have changed. */
  ready(settings: PodSettings): void;
  /** For metrics. */
  ended?(round: Round, seconds: number): void;
}

/** From an event of the kernel to the round that repairs: events come in swarms. */
const REPAIR_MS = 50;
/** All is looked at that often, whatever the kernel has told. */
const FULL_MS = 300_000;

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #reconciler: Reconciler;
  readonly #reporter: Reporter;
  readonly #schedule = new Schedule((depth) => this.#run(depth));
  readonly #watches: readonly Disposable[];
  readonly #fullTimer: NodeJS.Timeout;
  #config: ClusterConfig;
  readonly #source: NodeSource;
  #round: Round | undefined;
  #interest: Interest;
  #settings = "";

  /** @throws {SyscallError} EPERM: no CAP_NET_ADMIN */
  constructor(options: ClusterOptions) {
    const { name, config, log } = options;
    this.#options = options;
    this.#config = config;
    this.#reporter = new Reporter(name, config.nodes, log);
    this.#reconciler = new Reconciler((line) => log.warn({}, line));
    this.#interest = {
      kernel: this.#reconciler.kernel,
      uplinks: undefined,
      podRanges: [],
      nodeAddresses: [],
    };
    // Before the first look, so that no change after it is missed.
    const note = (meaning: Meaning) => this.#note(meaning);
    this.#watches = [
      watchKernel(() => this.#interest, note),
      watchRulesets((commits) => note(touchesOurTables(commits) ? "look" : "nothing")),
    ];
    this.#source = options.source(() => this.#schedule.wake(0, "known"));
    this.#fullTimer = setInterval(() => this.#schedule.wake(0, "all"), FULL_MS);
    this.#run("all");
  }

  /** What keeps this node from its part in the cluster; undefined: nothing. */
  get problem(): string | undefined {
    const { problems = [], failures = [] } = this.#round ?? {};
    return [...problems, ...failures].join("; ") || undefined;
  }

  /** Of the API that the nodes come from. */
  get api(): ApiState | undefined {
    return this.#source.api;
  }

  /** Goes on by another configuration, with the same source of nodes. */
  configure(config: ClusterConfig): void {
    this.#config = config;
    this.#schedule.wake(0, "all");
  }

  /** Everything stays in place. */
  [Symbol.dispose](): void {
    clearInterval(this.#fullTimer);
    this.#schedule[Symbol.dispose]();
    this.#reporter[Symbol.dispose]();
    for (const watch of this.#watches) watch[Symbol.dispose]();
    this.#source[Symbol.dispose]();
    this.#reconciler[Symbol.dispose]();
  }

  /** Of what the kernel tells from now on: read for each datagram, and so made once a round. */
  #interestIn({ node: own, uplinks }: Round, { peers }: NodeView): Interest {
    return {
      kernel: this.#reconciler.kernel,
      uplinks: uplinks.length === 0 ? undefined : uplinks.map(({ ifindex }) => ifindex),
      podRanges: own?.ranges ?? [],
      nodeAddresses: [...(own?.addresses ?? []), ...peers.flatMap(({ addresses }) => addresses)],
    };
  }

  #note(meaning: Meaning): void {
    if (meaning !== "nothing") this.#schedule.wake(REPAIR_MS, meaning === "look" ? "all" : "known");
  }

  /** Whatever it meets, the agent goes on. */
  #run(depth: Depth): void {
    const started = performance.now();
    try {
      const view = this.#source.view();
      const round = this.#reconciler.run(this.#config, view, depth);
      this.#round = round;
      this.#interest = this.#interestIn(round, view);
      this.#options.ended?.(round, (performance.now() - started) / 1000);
      this.#handOver(round, view);
      this.#reporter.tell(round, view, this.#source.api?.server);
      this.#publish(round);
      if (round.failures.length > 0) this.#schedule.retry();
      else this.#schedule.succeeded();
    } catch (error) {
      this.#options.log.error(error as Error, "the cluster could not be looked at"); // `as`: what is thrown is an Error
      this.#schedule.retry();
    }
  }

  /** Once all stands that pods need. */
  #handOver({ plan, node: own, problems, failures }: Round, { isSynced }: NodeView): void {
    if (plan?.podMtu === undefined || own === undefined || own.ranges.length === 0 || !isSynced) return;
    if (problems.length + failures.length > 0) return;
    const { masquerade } = this.#config;
    const settings = { ranges: own.ranges, mtu: plan.podMtu, masquerade };
    const fields = { ...settings, ranges: own.ranges.map(formatPrefix) };
    const text = JSON.stringify(fields);
    if (text === this.#settings) return;
    this.#options.ready(settings);
    this.#settings = text;
    this.#options.log.info(fields, "ready for pods");
  }

  #publish({ node, problems }: Round): void {
    if (node !== undefined) this.#source.publish({ node, isReady: this.#settings !== "", problems });
  }
}
