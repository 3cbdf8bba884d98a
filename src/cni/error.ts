/** Errors as the CNI specification wants them on standard output. */

/**
 * Error codes: 1–99 are the specification's (SPEC.md, Error), 8 and 999 come from libcni's types.go,
 * those from 100 on are podwire's own.
 */
export const CNI_ERROR = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  invalidEnvironment: 4,
  io: 5,
  decode: 6,
  invalidNetconf: 7,
  invalidNetns: 8,
  tryAgainLater: 11,
  notAvailable: 50,
  internal: 999,
  /** The interface or the attachment exists already. */
  alreadyExists: 100,
  /** The kernel refused a change. */
  kernel: 101,
  /** CHECK found the attachment other than it was made. */
  checkFailed: 102,
  /** DEL or GC could not remove everything. */
  incompleteRemoval: 103,
  /** A delegated plugin could not be run or gave no valid answer. */
  delegate: 104,
} as const;

export type CniErrorCode = number;

export class CniError extends Error {
  override readonly name = "CniError";
  readonly code: CniErrorCode;
  /** What would be right, or more of what is wrong; may be empty. */
  readonly details: string;

  constructor(code: CniErrorCode, message: string, details = "", options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.details = details;
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

const QUOTE_LIMIT = 120;

/** A value as it stands in JSON, cut where it is long. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}…` : text;
}
