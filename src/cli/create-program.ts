/** The parser of command lines, made from the commands. */

import { resolve } from "node:path";
import { Command as Parser, Argument as ParserArgument, Option as ParserOption } from "commander";
import type { Argument, Command, GlobalOptions, Option, ValueOption } from "./command.ts";
import { formatHelp } from "./help/format.ts";
import { choicesIn, lastOf, type Trail } from "./help/terms.ts";
import { VERSION_OPTION } from "./options.ts";
import { versionText } from "./version.ts";

/** Columns where the output is no terminal. */
const WIDTH = 80;

/** @param finish takes the exit status of a command that ends without an error */
export function createProgram(podwire: Command, finish: (status: number) => void): Parser {
  const program = new Parser(podwire.name)
    .version(versionText(), VERSION_OPTION.flags, VERSION_OPTION.description)
    .allowExcessArguments()
    .exitOverride();
  fill(program, [podwire], finish);
  program.action(() => {
    const [unknown] = program.args;
    if (unknown === undefined) program.outputHelp();
    else program.error(`error: unknown command "${unknown}"; podwire --help lists what there is`);
  });
  return program;
}

/** Gives a parser what the last command of the trail is made of. */
function fill(parser: Parser, trail: Trail, finish: (status: number) => void): void {
  const command = lastOf(trail);
  parser.configureHelp({ formatHelp: (_parser, { helpWidth = WIDTH }) => formatHelp(trail, helpWidth) });
  for (const argument of command.arguments ?? []) parser.addArgument(toArgument(argument));
  for (const option of command.options ?? [])
    if (option !== VERSION_OPTION) parser.addOption(toOption(option));
  for (const inner of command.subcommands ?? [])
    fill(parser.command(inner.name, { hidden: inner.isHidden === true }), [...trail, inner], finish);
  if (command.run !== undefined) parser.action(() => run(parser, command, finish));
}

async function run(parser: Parser, command: Command, finish: (status: number) => void): Promise<void> {
  const isConfigDirGiven = parser.getOptionValueSourceWithGlobals("configDir") === "cli";
  const options: GlobalOptions = { ...parser.optsWithGlobals(), isConfigDirGiven };
  await command.run?.({ args: parser.processedArgs, options, finish });
}

function toArgument({ term, values }: Argument): ParserArgument {
  const made = new ParserArgument(term);
  const choices = choicesIn(values);
  return choices === undefined ? made : made.choices(choices);
}

function toOption(option: Option): ParserOption {
  if (option.value === undefined) return new ParserOption(option.flags);
  const { flags, value, values, reads, fallback, isRequired = false } = option;
  const made = new ParserOption(`${flags} ${value}`).default(fallback).makeOptionMandatory(isRequired);
  const choices = choicesIn(values);
  if (choices !== undefined) made.choices(choices);
  return reads === undefined ? made : made.argParser(READERS[reads]);
}

/** `earlier`: what the option has been given already, or its default. */
const READERS: Readonly<
  Record<NonNullable<ValueOption["reads"]>, (text: string, earlier: unknown) => unknown>
> = {
  // Absolute: what is written down must not depend on where the command was called.
  path: (text) => resolve(text),
  list: (text, earlier) => [...toList(earlier), ...text.split(",").map((part) => part.trim())],
  repeated: (text, earlier) => [...toList(earlier), text],
};

function toList(earlier: unknown): readonly unknown[] {
  return Array.isArray(earlier) ? earlier : [];
}
