/** Errors as the CNI specification wants them on standard output. */

import { CNI_ERROR, type CniErrorCode } from "./code.ts";
import { PodwireError } from "./podwire-error.ts";
import { quote } from "./quote.ts";

export class CniError extends PodwireError {
  override readonly name = "CniError";

  constructor(code: CniErrorCode, message: string, details = "", options: { readonly cause?: unknown } = {}) {
    super(message, { code, advice: details, ...options });
  }

  /** What would be right, or more of what is wrong; may be empty. */
  get details(): string {
    return this.advice;
  }

  /** The error document of SPEC.md, "Error". */
  toDocument(cniVersion: string): object {
    const details = this.details === "" ? {} : { details: this.details };
    return { cniVersion, code: this.code, msg: this.message, ...details };
  }
}

/** A configuration that is not what it should be: `path` is where, `wanted` what would be right. */
export function invalidNetconf(path: string, wanted: string, got: unknown): CniError {
  return new CniError(CNI_ERROR.invalidNetconf, `${path}: got ${quote(got)}, want ${wanted}`);
}
