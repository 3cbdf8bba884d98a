/** The base of our errors: code and advice come from where the error is thrown. */

import type { CniErrorCode } from "./code.ts";

export interface Meaning {
  readonly code: CniErrorCode;
  /** What would be right; may be empty. */
  readonly advice: string;
  readonly cause?: unknown;
}

export class PodwireError extends Error {
  override readonly name: string = "PodwireError";
  readonly code: CniErrorCode;
  readonly advice: string;

  constructor(message: string, { code, advice, ...options }: Meaning) {
    super(message, options);
    this.code = code;
    this.advice = advice;
  }
}
