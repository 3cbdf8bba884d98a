/** Where on a command line the words so far have led: which command, how many of its arguments, which option. */

import type { Command, Option, ValueOption } from "../command.ts";
import { lastOf, listedOptionsOf, type Trail } from "../help/terms.ts";
import { CONFIG_DIR_OPTION } from "../options.ts";

export interface Position {
  readonly trail: Trail;
  /** How many arguments the command has already. */
  readonly filled: number;
  /** The option that the next word is, or may be, the value of. */
  readonly option: ValueOption | undefined;
  /** After `--` nothing is an option. */
  readonly isEnded: boolean;
  /** Options so far by long name, empty where they have no value. */
  readonly given: Readonly<Record<string, string>>;
}

/** Shape: `words` are whole, without the program's name. */
export function findPosition(program: Command, words: readonly string[]): Position {
  const start: Position = { trail: [program], filled: 0, option: undefined, isEnded: false, given: {} };
  return words.reduce(advance, start);
}

/** True where the word is the value of the option before it. */
export function isValue(option: ValueOption | undefined, word: string): option is ValueOption {
  return option !== undefined && (option.value.startsWith("<") || !word.startsWith("-"));
}

/** The command's own, and that of the program which may stand anywhere. */
export function optionsOf(trail: Trail): readonly Option[] {
  return [...listedOptionsOf(lastOf(trail)), ...(trail.length === 1 ? [] : [CONFIG_DIR_OPTION])];
}

/** By `-n` or `--name`. */
export function findOption(trail: Trail, flag: string): Option | undefined {
  return optionsOf(trail).find(({ flags }) => flags.split(", ").includes(flag));
}

/** `--name` of `-n, --name`. */
export function longNameOf({ flags }: Option): string {
  return flags.split(", ").at(-1) ?? flags;
}

function advance(position: Position, word: string): Position {
  const { trail, option, isEnded, given } = position;
  if (isValue(option, word))
    return { ...position, option: undefined, given: { ...given, [longNameOf(option)]: word } };
  const next = { ...position, option: undefined };
  if (!isEnded && word === "--") return { ...next, isEnded: true };
  if (!isEnded && word.startsWith("-")) return passOption(next, word);
  const inner = lastOf(trail).subcommands?.find(({ name }) => name === word);
  return inner === undefined
    ? { ...next, filled: position.filled + 1 }
    : { ...next, trail: [...trail, inner] };
}

/** `--name value`, `--name=value`, `-n value` or `-nvalue`. */
function passOption(position: Position, word: string): Position {
  const [flag = "", value = ""] = word.startsWith("--")
    ? word.split(/=(.*)/s)
    : [word.slice(0, 2), word.slice(2)];
  const option = findOption(position.trail, flag);
  if (option === undefined) return position;
  const given = { ...position.given, [longNameOf(option)]: value };
  const waits = word === flag && option.value !== undefined;
  return { ...position, given, option: waits ? option : undefined };
}
