/** The fields of a configuration about its log of calls. */

import { field, parsedField, stringField } from "../../json/fields.ts";
import type { Places } from "./precedence.ts";

/** @see https://getpino.io/#/docs/api?id=logger-level */
const LEVELS: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
};
export const INFO = 30;
export const ERROR = 50;

export interface LogConfig {
  readonly file: string;
  /** Least that is written. */
  readonly level: number;
}

/** Undefined where nothing is to be written. @throws {CniError} 7 */
export function decodeLog({ configuration }: Places): LogConfig | undefined {
  if (field(configuration, "logFile") === undefined && field(configuration, "logLevel") === undefined)
    return undefined;
  const file = parsedField(
    configuration,
    "logFile",
    (text) => (text === "" || text.startsWith("/") ? text : undefined),
    "an absolute path",
  );
  const wanted = `one of ${Object.keys(LEVELS).join(", ")}`;
  const level = stringField(configuration, "logLevel")
    ? parsedField(configuration, "logLevel", (text) => LEVELS[text], wanted)
    : INFO;
  return file ? { file, level: level ?? INFO } : undefined;
}
