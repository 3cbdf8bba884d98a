/** When the next round is due: many wishes for one make one, at the earliest time that any of them names. */

import type { Depth } from "./reconcile.ts";

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

export class Schedule {
  readonly #run: (depth: Depth) => void;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #depth: Depth = "known";
  #retryMs = FIRST_RETRY_MS;

  constructor(run: (depth: Depth) => void) {
    this.#run = run;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  /** A round within that time, as deep as the deepest wish. */
  wake(ms: number, depth: Depth): void {
    if (depth === "all") this.#depth = "all";
    const at = performance.now() + ms;
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const due = this.#depth;
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#depth = "known";
      this.#run(due);
    }, ms);
  }

  /** After a round in which something could not be done: each time later, for it may stand in the way for long. */
  retry(): void {
    this.wake(this.#retryMs, "all");
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  /** After a round in which all was done. */
  succeeded(): void {
    this.#retryMs = FIRST_RETRY_MS;
  }
}
