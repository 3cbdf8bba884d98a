/** The agent's log: JSON lines on standard error. */

import type { Logger } from "pino";

const STDERR = 2;

export type { Logger };

/** Each line is written before the call returns: the last words of a program that ends are not lost. */
export async function createLogger(): Promise<Logger> {
  const { destination, pino } = await import("pino"); // the other commands do without
  return pino(destination({ dest: STDERR, sync: true }));
}
