/** The commands of a document in one shell, as a person would type them one after the other. */

import { writeFileSync } from "node:fs";
import { type Exchange, readDocument } from "./document.ts";
import { isSameOutput } from "./placeholders.ts";

/** Runs a script for sh(1) and gives what it prints, standard error in between. */
export type Shell = (script: string) => Promise<string>;

/** A command that prints something else than its document says. */
export interface Difference {
  readonly line: number;
  readonly command: string;
  readonly written: readonly string[];
  readonly printed: readonly string[];
}

const MARK = "--- next command ---";

export async function runAll(exchanges: readonly Exchange[], shell: Shell): Promise<Difference[]> {
  const commands = exchanges.map(({ command }) => `${command}\nprintf '\\n${MARK}\\n'`);
  const outputs = (await shell(`exec 2>&1\n${commands.join("\n")}\n`)).split(`\n${MARK}\n`);
  return exchanges.flatMap(({ command, output: written, at }, index) => {
    const printed = toLines(outputs[index] ?? "the shell has ended before");
    return isSameOutput(written, printed) ? [] : [{ line: at, command, written, printed }];
  });
}

function toLines(output: string): string[] {
  const text = output.trimEnd();
  return text === "" ? [] : text.split("\n").map((line) => line.trimEnd());
}

/** Puts what was printed in place of what is written. */
export function writeOutputs(path: string, differences: readonly Difference[]): void {
  const lines = [...readDocument(path)];
  for (const { line, written, printed } of differences.toReversed())
    lines.splice(line, written.length, ...printed);
  writeFileSync(path, lines.join("\n"));
}

/** For people: which command, what the document says, what came. */
export function describeDifference({ line, command, written, printed }: Difference): string {
  const indented = (lines: readonly string[]) => lines.map((text) => `    ${text}`).join("\n");
  return `line ${line}: ${command}\n  is written to print\n${indented(written)}\n  but prints\n${indented(printed)}`;
}
