/** What can stand at the end of a command line, found in the commands. */

import type { Argument, Command, Option, Source, ValueOption } from "../command.ts";
import { argumentNameOf, lastOf, listedCommandsOf, type Trail } from "../help/terms.ts";
import { findOption, findPosition, isValue, longNameOf, optionsOf, type Position } from "./position.ts";

export interface Candidate {
  readonly value: string;
  /** Empty for none. */
  readonly description: string;
}

/** The shell itself knows files and directories. */
export type Candidates = readonly Candidate[] | "file" | "directory";

/** What a value is the value of. */
export interface Place {
  /** Like `network create`. */
  readonly command: string;
  /** `--network`, or an argument's name. */
  readonly name: string;
  /** Values of the options before it, by long name. */
  readonly given: Readonly<Record<string, string>>;
}

/** Reads a source; the place says for whom. */
export type ReadSource = (source: Source, place: Place) => Candidates;

/**
 * Shape: `words` are those behind the program's name; the last is the one that is being written, often empty.
 * Returns whole words that begin with it.
 */
export function complete(program: Command, words: readonly string[], read: ReadSource): Candidates {
  const last = words.at(-1) ?? "";
  const position = findPosition(program, words.slice(0, -1));
  const { trail, option, isEnded } = position;
  if (isValue(option, last)) return matching(valuesOf(position, option, read), last);
  if (isEnded || !last.startsWith("-")) return matching(wordsAt(position, read), last);
  const [flag = "", value] = last.split(/=(.*)/s);
  if (value === undefined) return matching(optionsAt(position), last);
  const assigned = findOption(trail, flag);
  return assigned?.value === undefined ? [] : matching(valuesOf(position, assigned, read), value, `${flag}=`);
}

/** As the scripts read it, a line each: a tab before a description, a colon before what the shell has to find. */
export function toLines(candidates: Candidates): readonly string[] {
  if (typeof candidates === "string") return [`:${candidates}`];
  return candidates.map(({ value, description }) => `${value}\t${description}`);
}

/** Without the program's name. */
export function pathOf(trail: Trail): string {
  return trail
    .slice(1)
    .map(({ name }) => name)
    .join(" ");
}

function optionsAt({ trail, given }: Position): Candidate[] {
  return optionsOf(trail)
    .filter((option) => isRepeatable(option) || given[longNameOf(option)] === undefined)
    .map((option) => ({ value: longNameOf(option), description: option.description }));
}

function isRepeatable(option: Option): boolean {
  return option.value !== undefined && (option.reads === "list" || option.reads === "repeated");
}

function wordsAt(position: Position, read: ReadSource): Candidates {
  const { trail, filled } = position;
  const argument = argumentAt(lastOf(trail), filled);
  if (argument !== undefined) return valuesOf(position, argument, read);
  if (filled > 0) return [];
  return listedCommandsOf(trail).map(({ name, summary }) => ({ value: name, description: summary }));
}

function argumentAt({ arguments: all = [] }: Command, index: number): Argument | undefined {
  const last = all.at(-1);
  return all[index] ?? (last?.term.endsWith("...]") === true ? last : undefined);
}

function valuesOf({ trail, given }: Position, taker: ValueOption | Argument, read: ReadSource): Candidates {
  const { values } = taker;
  if (typeof values !== "string") return plain("only" in values ? values.only : values);
  const name = "flags" in taker ? longNameOf(taker) : argumentNameOf(taker);
  return read(values, { command: pathOf(trail), name, given });
}

function plain(values: readonly string[]): Candidate[] {
  return values.map((value) => ({ value, description: "" }));
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
