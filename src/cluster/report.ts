/** Tells how the cluster stands: in the log where something is other than before, and in the file for commands. */

import type { NodeOrigin } from "./config/config.ts";
import type { Round } from "./reconcile.ts";
import type { NodeView } from "./sources/source.ts";
import { type ClusterStatus, readStatus, toStatus, writeStatus } from "./status.ts";

/** What the log of a program takes; pino's does. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** Between two writings where nobody waits for the second: with thousands of nodes each takes as long as a round. */
const SPACING_MS = 500;

export class Reporter {
  readonly #name: string;
  readonly #origin: NodeOrigin;
  readonly #log: Log;
  #problems: ReadonlySet<string> = new Set();
  #status: ClusterStatus | undefined = readStatus();
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** `name`: this node's. */
  constructor(name: string, origin: NodeOrigin, log: Log) {
    this.#name = name;
    this.#origin = origin;
    this.#log = log;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  /** `apiServer`: URL of the one that the nodes come from. */
  tell(round: Round, view: NodeView, apiServer?: string): void {
    const { plan, changes, problems, failures } = round;
    const peers = plan?.peers ?? [];
    const all = new Set([
      ...problems,
      ...failures,
      ...view.warnings,
      ...peers.flatMap(({ node, problems: theirs }) => theirs.map((one) => `node ${node.name}: ${one}`)),
    ]);
    const isOther = all.symmetricDifference(this.#problems).size > 0;
    const write = () => this.#write(round, view, apiServer);
    this.#writeIn(isOther ? 0 : this.#writtenAt + SPACING_MS - performance.now(), write);
    if (changes > 0) this.#log.info({ changes, peers: peers.length }, "routes and tunnels changed");
    this.#tellProblems(all);
  }

  #writeIn(ms: number, write: () => void): void {
    clearTimeout(this.#timer);
    if (ms <= 0) write();
    else this.#timer = setTimeout(write, ms);
  }

  #write({ plan, node: own, problems, failures }: Round, view: NodeView, apiServer?: string): void {
    const { isComplete, warnings } = view;
    const here = { name: this.#name, source: this.#origin, apiServer, own, podMtu: plan?.podMtu };
    const words = { problems: [...problems, ...failures], warnings };
    const facts = { ...here, ...words, peers: plan?.peers ?? [], isComplete, now: new Date() };
    this.#status = toStatus(facts, this.#status);
    writeStatus(this.#status);
    this.#writtenAt = performance.now();
  }

  /** Each once as long as it lasts. */
  #tellProblems(all: ReadonlySet<string>): void {
    for (const problem of all)
      if (!this.#problems.has(problem)) this.#log.warn({ problem }, "cluster problem");
    for (const problem of this.#problems)
      if (!all.has(problem)) this.#log.info({ problem }, "cluster problem is over");
    this.#problems = all;
  }
}
