/** Something that is brought about by requests: again until it is so, never two at once, and never in a fast circle. */

import { type Pace, pause, pauseMs } from "../../kubernetes/pace.ts";

export interface Goal {
  /** True where nothing is to be done now. */
  isReached(): boolean;
  /** One attempt. @throws what the request throws */
  approach(): Promise<void>;
  /** Undefined: the last attempt succeeded. */
  failed(error: Error | undefined): void;
}

export class Loop {
  readonly #goal: Goal;
  readonly #pace: Pace;
  readonly #ending = new AbortController();
  #isRunning = false;

  constructor(goal: Goal, pace: Pace) {
    this.#goal = goal;
    this.#pace = pace;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run().finally(() => {
      this.#isRunning = false;
    });
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 0; !signal.aborted && !this.#goal.isReached(); ) {
      try {
        await this.#goal.approach();
        failures = 0;
        this.#goal.failed(undefined);
      } catch (error) {
        failures += 1;
        this.#goal.failed(error instanceof Error ? error : new Error(String(error)));
      }
      // After a success, too: somebody else may change it back each time.
      await pause(pauseMs(failures, this.#pace), signal);
    }
  }
}
