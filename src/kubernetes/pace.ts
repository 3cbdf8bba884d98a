/** How long is waited for what. */

export interface Pace {
  /** For the answer to a request that is no watch, with its body. */
  readonly requestMs: number;
  /** Of one request, the first included. */
  readonly attempts: number;
  /** The first pause after a failure; each further one is twice as long. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A watch is asked for so long, somewhere between. */
  readonly watchSeconds: readonly [least: number, most: number];
  /** Beyond what the server has promised for a watch. */
  readonly graceMs: number;
  /** The longest silence of a server that sends bookmarks: kube-apiserver does each minute, if nothing else. */
  readonly bookmarkMs: number;
}

export const PACE: Pace = {
  requestMs: 10_000,
  attempts: 4,
  firstPauseMs: 800,
  longestPauseMs: 30_000,
  watchSeconds: [300, 600],
  graceMs: 30_000,
  bookmarkMs: 180_000,
};

/** Before the attempt that follows `failures` of them: half to one and a half of it, so that nodes spread. */
export function pauseMs(
  failures: number,
  { firstPauseMs, longestPauseMs }: Pace,
  random = Math.random,
): number {
  const whole = Math.min(firstPauseMs * 2 ** Math.max(0, failures - 1), longestPauseMs);
  return whole * (0.5 + random());
}

/** Waits; less long where the signal is given. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const end = () => resolve();
  signal?.addEventListener("abort", end);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  });
}
