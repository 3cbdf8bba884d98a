/** Where on a command line the words so far have led: which command, how many of its arguments, which option. */

import type { Command, Option } from "commander";

export interface Position {
  readonly command: Command;
  /** How many arguments the command has already. */
  readonly filled: number;
  /** The option that the next word is, or may be, the value of. */
  readonly option: Option | undefined;
  /** After `--` nothing is an option. */
  readonly isEnded: boolean;
  /** Options so far by long name, empty where they have no value. */
  readonly given: Readonly<Record<string, string>>;
}

/** Shape: `words` are whole, without the program's name. */
export function findPosition(program: Command, words: readonly string[]): Position {
  const start: Position = { command: program, filled: 0, option: undefined, isEnded: false, given: {} };
  return words.reduce(advance, start);
}

/** True where the word is the value of the option before it. */
export function isValue(option: Option | undefined, word: string): option is Option {
  return option !== undefined && (option.required || !word.startsWith("-"));
}

/** The command's own, and those of the program, which may stand anywhere. */
export function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  const ofProgram = help.visibleOptions(rootOf(command)).filter(({ long }) => long === "--config-dir");
  return [...help.visibleOptions(command), ...(command.parent === null ? [] : ofProgram)];
}

/** By `-n` or `--name`. */
export function findOption(command: Command, flag: string): Option | undefined {
  return optionsOf(command).find(({ short, long }) => short === flag || long === flag);
}

export function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

function advance(position: Position, word: string): Position {
  const { command, option, isEnded, given } = position;
  if (isValue(option, word))
    return { ...position, option: undefined, given: { ...given, [option.long ?? ""]: word } };
  const next = { ...position, option: undefined };
  if (!isEnded && word === "--") return { ...next, isEnded: true };
  if (!isEnded && word.startsWith("-")) return passOption(next, word);
  const inner = command.commands.find((one) => one.name() === word);
  return inner === undefined ? { ...next, filled: position.filled + 1 } : { ...next, command: inner };
}

/** `--name value`, `--name=value`, `-n value` or `-nvalue`. */
function passOption(position: Position, word: string): Position {
  const [flag = "", value = ""] = word.startsWith("--")
    ? word.split(/=(.*)/s)
    : [word.slice(0, 2), word.slice(2)];
  const option = findOption(position.command, flag);
  if (option === undefined) return position;
  const waits = word === flag && (option.required || option.optional);
  const given = { ...position.given, [option.long ?? ""]: value };
  return { ...position, given, option: waits ? option : undefined };
}
