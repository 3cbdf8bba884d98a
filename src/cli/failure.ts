/** What a command tells a person whom it cannot serve: what is wrong, and what to do. */

import { toCniError } from "../attachment/errors.ts";
import { InvalidFile } from "../network/format/document.ts";

/** Exit status of the program. */
export const STATUS = { done: 0, failed: 1, misused: 2 } as const;

/** A command that ends without having done what it was asked to do. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** The second line; empty for none. */
  readonly advice: string;
  readonly status: number;

  constructor(message: string, advice: string, status: number) {
    super(message);
    this.advice = advice;
    this.status = status;
  }
}

/** The node or its configuration is against it. */
export function refused(message: string, advice = ""): Failure {
  return new Failure(message, advice, STATUS.failed);
}

/** The arguments say something that cannot be. */
export function misused(message: string, advice = ""): Failure {
  return new Failure(message, advice, STATUS.misused);
}

/** Any error as a failure with its words and advice. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof InvalidFile) return refused(error.message, "correct this file, or take it away");
  const { message, details } = toCniError(error);
  return refused(message, details);
}

/** One line, and a second one where there is advice. */
export function describeFailure({ message, advice }: Failure): string {
  return `error: ${message}${advice === "" ? "" : `\n  ${advice}`}`;
}
