/**
 * The documents, read: README.md and docs/*.md for users, engine/README.md for developers.
 *
 * A block of the language `console` is a terminal: after `# ` a command, after `> ` its further lines, then what it
 * prints, where a line `...` stands for any lines. `console vm` needs cards. A comment that begins with `run` has
 * commands that readers are spared; they must print nothing.
 */

import { globSync, readFileSync } from "node:fs";

export interface Block {
  /** The words behind the backquotes; `run` or `run vm` for a comment. */
  readonly info: string;
  readonly lines: readonly string[];
  /** Index of the first line in the document. */
  readonly at: number;
}

/** A command and what it prints. */
export interface Exchange {
  readonly command: string;
  readonly output: readonly string[];
  /** Index in the document of the line after the command; the output's first. */
  readonly at: number;
}

export const DOCUMENTS = ["README.md", "engine/README.md", ...globSync("docs/*.md").sort()];

export function readDocument(path: string): readonly string[] {
  return readFileSync(path, "utf8").split("\n");
}

export function blocksOf(document: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < document.length; at++) {
    const line = document[at] ?? "";
    const comment = /^<!-- (run( vm)?)$/.exec(line)?.[1];
    const info = comment ?? /^```(.*)$/.exec(line)?.[1];
    if (info === undefined) continue;
    const end = document.indexOf(comment !== undefined ? "-->" : "```", at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: nothing ends this block`);
    blocks.push({ info, lines: document.slice(at + 1, end), at: at + 1 });
    at = end;
  }
  return blocks;
}

/** The commands of a block in their order; those of a comment are one. */
export function exchangesOf({ info, lines, at }: Block): Exchange[] {
  if (info.startsWith("run")) return [{ command: lines.join("\n"), output: [], at }];
  const starts = lines.flatMap((line, index) => (line.startsWith("# ") ? [index] : []));
  if (starts[0] !== 0) throw new Error(`line ${at + 1}: a block begins with a command: "# ls"`);
  return starts.map((start, index) => {
    const rest = lines.slice(start + 1, starts[index + 1]);
    const further = rest.findIndex((line) => !line.startsWith("> "));
    const count = further < 0 ? rest.length : further;
    const command = [lines[start], ...rest.slice(0, count)].map((line) => line?.slice(2)).join("\n");
    return { command, output: rest.slice(count), at: at + start + 1 + count };
  });
}
