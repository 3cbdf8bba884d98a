/** Restores missing rules of pods whenever another program has changed the rulesets. */

import type { KernelWatch } from "../node/kernel-watch.ts";
import { isForwardingWhole } from "../node/losses.ts";
import { type Repair, type Repaired, restoreRules } from "../node/repair.ts";
import { type Commits, foreignCommits, touchesOurTables, watchRulesets } from "../node/ruleset-watch.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** A firewall that is loaded anew makes several transactions. */
const CALM_MS = 200;
/** The longest wait for a calm: other programs may change rules without end. */
const LATEST_MS = 2_000;
/** An ADD or DEL that takes longer is awaited by another attempt. */
const LOCK_WAIT_MS = 1_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

export class RuleKeeper {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #watch: KernelWatch;
  #timer: NodeJS.Timeout | undefined;
  /** Since when a look is due; undefined: none is. */
  #dueSince: number | undefined;
  /** False while nothing but foreign tables was changed. */
  #isOursChanged = false;
  #retryMs = FIRST_RETRY_MS;

  /** Looks once, then after each change. @throws {SyscallError} changes cannot be followed */
  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#watch = watchRulesets((commits) => this.#note(commits));
    this.#restore();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#watch[Symbol.dispose]();
  }

  #note(commits: Commits): void {
    const foreign = foreignCommits(commits);
    if (foreign !== "unknown" && foreign.length === 0) return;
    this.#isOursChanged ||= touchesOurTables(commits);
    const now = performance.now();
    this.#dueSince ??= now;
    this.#lookIn(Math.max(0, Math.min(CALM_MS, this.#dueSince + LATEST_MS - now)));
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#dueSince = undefined;
    const isOurs = this.#isOursChanged;
    this.#isOursChanged = false;
    if (isOurs || !isForwardingWhole()) this.#restore();
  }

  #restore(): void {
    try {
      const output = { report: (line: string) => this.#logger.warn(line), trace: undefined };
      this.#tell(restoreRules({ output, waitMs: LOCK_WAIT_MS }));
    } catch (error) {
      this.#logger.error(error, "rules could not be looked at");
    }
  }

  #tell({ repaired }: Repair): void {
    const failed = repaired.filter(({ problem }) => problem !== undefined);
    const restored = repaired.length - failed.length;
    this.#metrics.countRules(restored, failed.length);
    if (restored > 0) this.#logger.info({ attachments: restored }, "rules restored");
    for (const one of failed) this.#logger.error(one, "rules could not be restored");
    this.#retry(failed);
  }

  /** Each time later: its holder may keep a host port for long. */
  #retry(failed: readonly Repaired[]): void {
    if (failed.length === 0) {
      this.#retryMs = FIRST_RETRY_MS;
      return;
    }
    this.#isOursChanged = true;
    this.#lookIn(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }
}
