/** The manual page, made from the definitions of the commands. */

import type { Command } from "commander";
import { CONFIG_DIR } from "../../network/files/read-files.ts";
import { pathOf } from "../completion/complete.ts";
import { type HelpPart, helpPartsOf } from "./help-parts.ts";
import { entry, heading, indented, paragraphs, section, subsection, title, verbatim } from "./roff.ts";

/** What is being described. */
export interface Edition {
  readonly version: string;
  /** ISO 8601; empty where nobody knows. */
  readonly date: string;
}

const ENVIRONMENT = {
  CNI_COMMAND: `Set by container runtimes: podwire is a plugin then, and reads a configuration from standard
input. CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME, CNI_ARGS and CNI_PATH belong to it.`,
  PODWIRE_NETLINK_DEBUG: "With 1 a plugin call prints every netlink message to standard error.",
  NO_COLOR: "Unless it is empty, nothing is printed in colour.",
};

const FILES = {
  "/etc/cni/net.d/10-podwire.conflist": "The configuration list that podwire install writes.",
  [CONFIG_DIR]: "Networks by name, performance tiers, endpoints, and what was installed.",
  "/var/lib/cni/networks": "Reserved addresses, in the format of host-local.",
  "/run/podwire": "A record of each attachment.",
};

const SEE_ALSO = "ip(8), bridge(8), nft(8), tc(8), crictl(1), https://www.cni.dev/docs/spec/";

/** In the language of man(7). */
export function formatPage(program: Command, { version, date }: Edition): string {
  const commands = commandsOf(program);
  const lines = [
    title("PODWIRE", 8, [date, `podwire ${version}`, "Container networking"]),
    ...section("NAME", ["podwire \\- give containers their network"]),
    ...section("SYNOPSIS", verbatim(commands.filter(isLeaf).map(usageOf).join("\n"))),
    ...section("DESCRIPTION", paragraphs(program.description())),
    ...section("OPTIONS", optionEntries(program)),
    ...section("COMMANDS", commands.flatMap(describeCommand)),
    ...section("ENVIRONMENT", entries(ENVIRONMENT)),
    ...section("FILES", entries(FILES)),
    ...helpPartsOf(program).flatMap((part) => section(part.heading.toUpperCase(), bodyOf(part))),
    ...section("SEE ALSO", paragraphs(SEE_ALSO)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Every command, each group's behind the group. */
function commandsOf(parent: Command): Command[] {
  const visible = parent.createHelp().visibleCommands(parent);
  const own = visible.filter((command) => parent.commands.includes(command)); // the others are help's
  return own.flatMap((command) => [command, ...commandsOf(command)]);
}

function isLeaf(command: Command): boolean {
  return command.commands.length === 0;
}

function describeCommand(command: Command): string[] {
  return subsection(isLeaf(command) ? usageOf(command) : nameOf(command), [
    ...paragraphs(command.description()),
    ...optionEntries(command),
    ...helpPartsOf(command).flatMap((part) => [...heading(part.heading), ...indented(bodyOf(part))]),
  ]);
}

function nameOf(command: Command): string {
  return `podwire ${pathOf(command)}`;
}

function usageOf(command: Command): string {
  const help = command.createHelp();
  return `${nameOf(command)} ${help.commandUsage(command).split(`${command.name()} `)[1] ?? ""}`.trimEnd();
}

function bodyOf({ text, isVerbatim }: HelpPart): string[] {
  return isVerbatim ? verbatim(text) : paragraphs(text);
}

/** Without --help, which every command has. */
function optionEntries(command: Command): string[] {
  const help = command.createHelp();
  return command.options
    .filter(({ hidden }) => !hidden)
    .flatMap((option) => entry(option.flags, help.optionDescription(option)));
}

function entries(all: Readonly<Record<string, string>>): string[] {
  return Object.entries(all).flatMap(([term, meaning]) => entry(term, meaning));
}
