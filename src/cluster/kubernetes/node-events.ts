/** Events on this node's Node object, where a person must act: `kubectl describe node` shows them. */

import type { ApiClient } from "../../kubernetes/client.ts";
import { pathOf } from "../../kubernetes/resource.ts";

/** What belongs to no namespace has its events there. */
const NAMESPACE = "default";
const EVENTS = pathOf({ group: "", version: "v1", plural: "events" }, { namespace: NAMESPACE });

/** What is over sooner has mended itself. */
const LASTING_MS = 10_000;
/** So many at once, and then one after each of these times: a thousand nodes may have the same trouble. */
const BURST = 10;
const REFILL_MS = 300_000;
/** As the API server takes it at most. */
const LONGEST_MESSAGE = 1_024;

interface Subject {
  readonly name: string;
  readonly uid: string;
}

export class NodeEvents {
  readonly #client: ApiClient;
  readonly #report: (error: unknown) => void;
  readonly #lastingMs: number;
  /** Problems there are, with the timer of those that have not been told. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #subject: Subject | undefined;
  #tokens = BURST;
  #refilledAt = Date.now();

  /** `report`: called where an event could not be told. `lastingMs`: how long a problem lasts before it is. */
  constructor(client: ApiClient, report: (error: unknown) => void, lastingMs = LASTING_MS) {
    this.#client = client;
    this.#report = report;
    this.#lastingMs = lastingMs;
  }

  /** The Node that the events are about. */
  set subject(subject: Subject | undefined) {
    this.#subject = subject;
  }

  /** The problems there are now; each is told once as long as it lasts. */
  tell(problems: readonly string[]): void {
    for (const [problem, timer] of this.#timers) {
      if (problems.includes(problem)) continue;
      clearTimeout(timer);
      this.#timers.delete(problem);
    }
    for (const problem of problems) {
      if (this.#timers.has(problem)) continue;
      this.#timers.set(
        problem,
        setTimeout(() => void this.#send(problem), this.#lastingMs),
      );
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** A problem that cannot be told now is in the log, in `podwire cluster` and in metrics all the same. */
  async #send(problem: string): Promise<void> {
    if (this.#subject === undefined || !this.#takeToken()) return;
    try {
      await this.#client.create(EVENTS, toEvent(this.#subject, problem));
    } catch (error) {
      this.#report(error);
    }
  }

  #takeToken(): boolean {
    const earned = Math.floor((Date.now() - this.#refilledAt) / REFILL_MS);
    this.#tokens = Math.min(BURST, this.#tokens + earned);
    this.#refilledAt += earned * REFILL_MS;
    if (this.#tokens === 0) return false;
    this.#tokens -= 1;
    return true;
  }
}

function toEvent({ name, uid }: Subject, problem: string): object {
  const now = new Date().toISOString();
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: `${name}.`, namespace: NAMESPACE },
    involvedObject: { apiVersion: "v1", kind: "Node", name, uid },
    type: "Warning",
    reason: "PodwireProblem",
    message: problem.slice(0, LONGEST_MESSAGE),
    source: { component: "podwire", host: name },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
