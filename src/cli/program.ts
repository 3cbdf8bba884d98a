/** What every command group is given: where to hang its commands, and how they end. */

import type { Command } from "commander";

export interface Program {
  /** The group's parent. */
  readonly command: Command;
  /** Takes the exit status; without a call it is 0. */
  finish(status: number): void;
}

/** Options of the whole program, before or after the command's name. */
export interface GlobalOptions {
  readonly configDir: string;
}

/** Options of a command together with those of the program. */
export function allOptions<T>(command: Command): T & GlobalOptions {
  return command.optsWithGlobals();
}

/** Puts one more value, or several between commas, behind those of an option that may be given several times. */
export function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...text.split(",").map((part) => part.trim())];
}
