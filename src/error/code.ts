/**
 * Codes of errors: 1–99 are the CNI specification's (SPEC.md, Error), 8 and 999 come from libcni's types.go,
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

/** Any number: delegated plugins have codes of their own. */
export type CniErrorCode = number;
