/** The manual page, made from the commands. */

import { CONFIG_DIR } from "../../network/files/read-files.ts";
import type { Command, Example, Option } from "../command.ts";
import {
  describeExitStatus,
  describeOption,
  isGroup,
  lastOf,
  nameOf,
  optionTermOf,
  type Trail,
  usageOf,
} from "../help/terms.ts";
import { RECEIPT_POINTER } from "../install/find-receipt.ts";
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
  [RECEIPT_POINTER]: "A link to what was installed, where that was in no usual directory.",
  "/run/podwire": "A record of each attachment.",
};

const SEE_ALSO = "ip(8), bridge(8), nft(8), tc(8), crictl(1), https://www.cni.dev/docs/spec/";

/** In the language of man(7). */
export function formatPage(program: Command, { version, date }: Edition): string {
  const trails = trailsBelow([program]);
  const usages = trails.filter((trail) => !isGroup(lastOf(trail))).map(usageOf);
  const lines = [
    title("PODWIRE", 8, [date, `podwire ${version}`, "Container networking"]),
    ...section("NAME", ["podwire \\- give containers their network"]),
    ...section("SYNOPSIS", verbatim(usages.join("\n"))),
    ...section("DESCRIPTION", paragraphs(program.description.join("\n\n"))),
    ...section("OPTIONS", optionEntries(program.options)),
    ...section("COMMANDS", trails.flatMap(describeCommand)),
    ...section("ENVIRONMENT", entries(ENVIRONMENT)),
    ...section("FILES", entries(FILES)),
    ...partsOf(program).flatMap(({ name, body }) => section(name.toUpperCase(), body)),
    ...section("SEE ALSO", paragraphs(SEE_ALSO)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Every command, each group's behind the group. */
function trailsBelow(trail: Trail): Trail[] {
  const visible = (lastOf(trail).subcommands ?? []).filter(({ isHidden }) => isHidden !== true);
  return visible.flatMap((inner) => {
    const below: Trail = [...trail, inner];
    return [below, ...trailsBelow(below)];
  });
}

function describeCommand(trail: Trail): string[] {
  const command = lastOf(trail);
  return subsection(isGroup(command) ? nameOf(trail) : usageOf(trail), [
    ...paragraphs(command.description.join("\n\n")),
    ...optionEntries(command.options),
    ...partsOf(command).flatMap(({ name, body }) => [...heading(name), ...indented(body)]),
  ]);
}

interface Part {
  readonly name: string;
  readonly body: readonly string[];
}

/** What stands behind the options. */
function partsOf({ examples, exitStatus }: Command): Part[] {
  return [
    ...(examples === undefined
      ? []
      : [{ name: "Examples", body: verbatim(examples.map(formatExample).join("\n")) }]),
    ...(exitStatus === undefined
      ? []
      : [{ name: "Exit status", body: paragraphs(describeExitStatus(exitStatus)) }]),
  ];
}

function formatExample([line, meaning]: Example): string {
  return meaning === undefined ? line : `${line}\n    ${meaning}`;
}

/** Without --help, which every command has. */
function optionEntries(options: readonly Option[] = []): string[] {
  return options.flatMap((option) => entry(optionTermOf(option), describeOption(option)));
}

function entries(all: Readonly<Record<string, string>>): string[] {
  return Object.entries(all).flatMap(([term, meaning]) => entry(term, meaning));
}
