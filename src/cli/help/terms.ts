/** How commands, options and exit status are written, the same in the help and in the manual page. */

import type { Argument, Command, ExitStatus, Option, ValueOption, Values } from "../command.ts";
import { HELP_OPTION } from "../options.ts";

/** A command below those that lead to it: the program first. */
export type Trail = readonly [Command, ...Command[]];

export function lastOf(trail: Trail): Command {
  return trail.at(-1) ?? trail[0];
}

/** `podwire network create` */
export function nameOf(trail: Trail): string {
  return trail.map(({ name }) => name).join(" ");
}

/** `podwire network create [options] [name]`: every command has --help. */
export function usageOf(trail: Trail): string {
  const command = lastOf(trail);
  const inner = isGroup(command) ? ["[command]"] : [];
  return [nameOf(trail), "[options]", ...inner, ...termsOf(command)].join(" ");
}

/** In a list of commands: `create [options] [name]`. */
export function listedUsageOf(command: Command): string {
  const options = (command.options ?? []).length > 0 ? ["[options]"] : [];
  return [command.name, ...options, ...termsOf(command)].join(" ");
}

function termsOf(command: Command): string[] {
  return (command.arguments ?? []).map(({ term }) => term);
}

export function isGroup({ subcommands = [] }: Command): boolean {
  return subcommands.length > 0;
}

/** What the parser gives every group; the program has --help alone. */
const HELP_COMMAND: Command = {
  name: "help",
  summary: "display help for command",
  description: [],
  arguments: [{ term: "[command]", values: "anything" }],
};

export function listedCommandsOf(trail: Trail): readonly Command[] {
  const own = (lastOf(trail).subcommands ?? []).filter(({ isHidden }) => isHidden !== true);
  return own.length === 0 || trail.length === 1 ? own : [...own, HELP_COMMAND];
}

export function listedOptionsOf({ options = [] }: Command): readonly Option[] {
  return [...options, HELP_OPTION];
}

/** `-n, --network <name>` */
export function optionTermOf({ flags, value }: Option): string {
  return value === undefined ? flags : `${flags} ${value}`;
}

/** With choices and default. */
export function describeOption(option: Option): string {
  const extras = option.value === undefined ? [] : [...describeChoices(option), ...describeFallback(option)];
  return withExtras(option.description, extras);
}

export function describeArgument(argument: Argument): string {
  return withExtras(argument.description ?? "", describeChoices(argument));
}

/** `name` of `<name>`, `[name]` and `[name...]`. */
export function argumentNameOf({ term }: Argument): string {
  return term.slice(1, -1).replace(/\.{3}$/, "");
}

/** Undefined where anything can be given. */
export function choicesIn(values: Values): readonly string[] | undefined {
  return typeof values === "object" && "only" in values ? values.only : undefined;
}

function describeChoices({ values }: Argument | ValueOption): string[] {
  const choices = choicesIn(values);
  if (choices === undefined) return [];
  return [`choices: ${choices.map((value) => JSON.stringify(value)).join(", ")}`];
}

function describeFallback({ fallback }: ValueOption): string[] {
  return fallback === undefined ? [] : [`default: ${JSON.stringify(fallback)}`];
}

function withExtras(description: string, extras: readonly string[]): string {
  return extras.length === 0 ? description : `${description} (${extras.join(", ")})`;
}

/** `0 done, 1 failed.` */
export function describeExitStatus(exitStatus: ExitStatus): string {
  const parts = Object.entries(exitStatus);
  const separator = parts.some(([, meaning]) => meaning.includes(",")) ? "; " : ", ";
  return `${parts.map(([status, meaning]) => `${status} ${meaning}`).join(separator)}.`;
}
