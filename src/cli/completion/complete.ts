/** What can stand at the end of a command line, found in the definitions of the commands. */

import type { Argument, Command, Option } from "commander";
import { findOption, findPosition, isValue, optionsOf, type Position } from "./position.ts";

export interface Candidate {
  readonly value: string;
  /** Empty for none. */
  readonly description: string;
}

/** The shell itself knows files and folders. */
export type Candidates = readonly Candidate[] | "file" | "folder";

/** What a value is the value of. */
export interface Place {
  /** Like `network create`. */
  readonly command: string;
  /** `--network`, or an argument's name. */
  readonly name: string;
  /** Values of the options before it, by long name. */
  readonly given: Readonly<Record<string, string>>;
}

export type Values = (place: Place) => Candidates;

/**
 * Shape: `words` are those behind the program's name; the last is the one that is being written, often empty.
 * Returns whole words that begin with it.
 */
export function complete(program: Command, words: readonly string[], values: Values): Candidates {
  const last = words.at(-1) ?? "";
  const position = findPosition(program, words.slice(0, -1));
  const { command, option, isEnded } = position;
  if (isValue(option, last)) return matching(valuesOf(position, option, values), last);
  if (isEnded || !last.startsWith("-")) return matching(wordsAt(position, values), last);
  const [flag = "", value] = last.split(/=(.*)/s);
  if (value === undefined) return matching(optionsAt(position), last);
  const assigned = findOption(command, flag);
  return assigned === undefined ? [] : matching(valuesOf(position, assigned, values), value, `${flag}=`);
}

/** As the scripts read it, a line each: a tab before a description, a colon before what the shell has to find. */
export function toLines(candidates: Candidates): readonly string[] {
  if (typeof candidates === "string") return [`:${candidates}`];
  return candidates.map(({ value, description }) => `${value}\t${description}`);
}

/** Without the program's name. */
export function pathOf(command: Command): string {
  return command.parent === null ? "" : `${pathOf(command.parent)} ${command.name()}`.trimStart();
}

function optionsAt({ command, given }: Position): Candidate[] {
  return optionsOf(command)
    .filter(({ long, parseArg }) => parseArg !== undefined || given[long ?? ""] === undefined)
    .map(({ long, description }) => ({ value: long ?? "", description }));
}

function wordsAt(position: Position, values: Values): Candidates {
  const { command, filled } = position;
  const argument = argumentAt(command, filled);
  if (argument !== undefined) return valuesOf(position, argument, values);
  if (filled > 0) return [];
  const commands = command.createHelp().visibleCommands(command);
  return commands.map((one) => ({ value: one.name(), description: one.summary() || one.description() }));
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}

function valuesOf({ command, given }: Position, taker: Option | Argument, values: Values): Candidates {
  if (taker.argChoices !== undefined) return taker.argChoices.map((value) => ({ value, description: "" }));
  const name = "long" in taker ? (taker.long ?? "") : taker.name();
  return values({ command: pathOf(command), name, given });
}

/** In a list with commas the last one is being written. */
function matching(candidates: Candidates, beginning: string, before = ""): Candidates {
  if (typeof candidates === "string") return candidates;
  const written = beginning.slice(0, beginning.lastIndexOf(",") + 1);
  return candidates
    .map(({ value, description }) => ({ value: written + value, description }))
    .filter(({ value }) => value.startsWith(beginning))
    .map(({ value, description }) => ({ value: before + value, description }));
}
