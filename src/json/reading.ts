/** How the documents of one kind are read, and which error a fault in one of them is. */

import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { quote } from "../error/quote.ts";

export interface Reading {
  /** Keys match without regard to case. */
  readonly ignoresCase: boolean;
  /** A field that is `null` is absent. */
  readonly ignoresNull: boolean;
  /** What is wrong with a value. */
  describe(wanted: string, got: unknown): string;
  /** `path` is empty for the document itself. */
  fault(path: string, problem: string): Error;
}

/** A network configuration and all that comes with it: as users of Go's encoding/json expect. */
export const CONFIGURATION: Reading = {
  ignoresCase: true,
  ignoresNull: true,
  describe: (wanted, got) => `got ${quote(got)}, want ${wanted}`,
  fault: (path, problem) =>
    new CniError(CNI_ERROR.invalidNetconf, `${path === "" ? "configuration" : path}: ${problem}`),
};
