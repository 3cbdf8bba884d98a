/** The command line: what a person at a node runs. */

import { CommanderError } from "commander";
import { PODWIRE } from "./commands.ts";
import { createProgram } from "./create-program.ts";
import { describeFailure, STATUS, toFailure } from "./failure.ts";

/** @returns the exit status */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let status: number = STATUS.done;
  const program = createProgram(PODWIRE, (result) => {
    status = result;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.done : STATUS.misused;
    const failure = toFailure(error);
    console.error(describeFailure(failure));
    return failure.status;
  }
}
