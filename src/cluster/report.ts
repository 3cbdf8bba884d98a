/** Tells how the cluster stands: in the log where something is other than before, and in the file for commands. */

import type { Round } from "./reconcile.ts";
import type { NodeView } from "./sources/source.ts";
import { type ClusterStatus, readStatus, toStatus, writeStatus } from "./status.ts";

/** What the log of a program takes; pino's does. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export class Reporter {
  readonly #name: string;
  readonly #log: Log;
  #problems: ReadonlySet<string> = new Set();
  #status: ClusterStatus | undefined = readStatus();

  /** `name`: this node's. */
  constructor(name: string, log: Log) {
    this.#name = name;
    this.#log = log;
  }

  tell({ plan, changes, problems, failures }: Round, { own, isComplete }: NodeView): void {
    const peers = plan?.peers ?? [];
    if (changes > 0) this.#log.info({ changes, peers: peers.length }, "routes and tunnels changed");
    const mine = [...problems, ...failures];
    this.#tellProblems([
      ...mine,
      ...peers.flatMap(({ node, problems: all }) => all.map((one) => `node ${node.name}: ${one}`)),
    ]);
    const input = { name: this.#name, own, podMtu: plan?.podMtu, peers, isComplete, problems: mine };
    this.#status = toStatus({ ...input, now: new Date() }, this.#status);
    writeStatus(this.#status);
  }

  /** Each once as long as it lasts. */
  #tellProblems(all: readonly string[]): void {
    for (const problem of all)
      if (!this.#problems.has(problem)) this.#log.warn({ problem }, "cluster problem");
    const now = new Set(all);
    for (const problem of this.#problems)
      if (!now.has(problem)) this.#log.info({ problem }, "cluster problem is over");
    this.#problems = now;
  }
}
