/** The agent's log: JSON lines on standard error. */

import { destination, type Logger, pino } from "pino";

const STDERR = 2;

export type { Logger };

/** Each line is written before the call returns: the last words of a program that ends are not lost. */
export function createLogger(): Logger {
  return pino(destination({ dest: STDERR, sync: true }));
}
