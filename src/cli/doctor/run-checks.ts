/** Runs checks: each for itself, so that one which fails is a finding and does not keep the others from theirs. */

import { toCniError } from "../../attachment/errors.ts";
import { Failure } from "../failure.ts";
import { isLackOfRights } from "./checks/host/rights.ts";
import type { Facts } from "./facts.ts";
import { type Check, type Finding, fault, warning } from "./finding.ts";

/** A finding and the check that it is of. */
export interface Found extends Finding {
  readonly group: string;
  readonly check: string;
}

/** In the order of the checks. */
export async function runChecks(checks: readonly Check[], facts: Facts): Promise<Found[]> {
  const found: Found[] = [];
  for (const { group, name, run } of checks)
    for (const finding of await attempt(name, () => run(facts)))
      found.push({ ...finding, group, check: name });
  return found;
}

async function attempt(name: string, run: () => ReturnType<Check["run"]>): Promise<readonly Finding[]> {
  try {
    return await run();
  } catch (error) {
    return [toFinding(name, error)];
  }
}

/** Where rights are missing, the check of rights says what to do. */
function toFinding(name: string, error: unknown): Finding {
  if (isLackOfRights(error))
    return warning(`${name}: not looked at, for lack of rights`, {
      meaning: "",
      command: "",
      details: [wordsOf(error)],
    });
  if (error instanceof Failure)
    return fault(error.message, { meaning: "nothing more is known of this", command: error.advice });
  return fault(`${name} could not be looked at: ${wordsOf(error)}`, {
    meaning: "nothing is known of this",
    command: "",
  });
}

function wordsOf(error: unknown): string {
  return toCniError(error).message;
}

/** Mends what can be mended without harm, each fix once; gives what was done, a line each. */
export function mend(found: readonly Found[]): string[] {
  const fixes = new Set(found.flatMap(({ fix }) => fix ?? []));
  return [...fixes].flatMap((fix) => {
    try {
      return [...fix()];
    } catch (error) {
      return [`failed: ${wordsOf(error)}`];
    }
  });
}
