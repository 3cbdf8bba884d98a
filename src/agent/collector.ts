/** Collects what dead pods have left: when the agent starts, then at intervals. */

import { cleanUp, type LeftAlone, type Places } from "../node/garbage.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";

export interface CollectorOptions extends Places {
  /** Seconds between two collections; 0: none at all. */
  readonly gcInterval: number;
}

export class Collector {
  readonly #places: Places;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #timer: NodeJS.Timeout | undefined;
  /** What the log has said of what is left alone: it does not change for days. */
  #told: ReadonlySet<string> = new Set();

  constructor({ gcInterval, ...places }: CollectorOptions, logger: Logger, metrics: Metrics) {
    this.#places = places;
    this.#logger = logger;
    this.#metrics = metrics;
    if (gcInterval === 0) return;
    this.#collect();
    this.#timer = setInterval(() => this.#collect(), gcInterval * 1000);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Whatever it meets, pods can be started and stopped: the agent goes on. */
  #collect(): void {
    const output = { report: (line: string) => this.#logger.warn(line), trace: undefined };
    try {
      const { collected, leftAlone } = cleanUp(this.#places, output);
      const failed = collected.filter(({ problem }) => problem !== undefined).length;
      this.#metrics.countGarbage(collected.length - failed, failed);
      for (const one of collected) {
        if (one.problem === undefined) this.#logger.info(one, "cleaned up");
        else this.#logger.error(one, "could not be cleaned up");
      }
      this.#tellLeftAlone(leftAlone);
    } catch (error) {
      this.#logger.error(error, "what dead pods left could not be found");
    }
  }

  #tellLeftAlone(all: readonly LeftAlone[]): void {
    for (const one of all) if (!this.#told.has(one.what)) this.#logger.info(one, "left alone");
    this.#told = new Set(all.map(({ what }) => what));
  }
}
