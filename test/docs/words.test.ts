/** What the documents name is there: commands, options, files, other documents, error codes. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { PODWIRE } from "../../src/cli/commands.ts";
import { findOption, findPosition } from "../../src/cli/completion/position.ts";
import { isGroup, lastOf } from "../../src/cli/help/terms.ts";
import { checkContent } from "../../src/cli/install/check-conflist.ts";
import { CNI_ERROR } from "../../src/error/code.ts";
import { blocksOf, DOCUMENTS, exchangesOf, readDocument } from "../support/docs/document.ts";

/** Directories of this repository. */
const OWN_PATH = /(?<![\w/.-])(?:bin|conf|docs|scripts|src|test)\/[\w./-]*\w/g;

/** Commands in blocks, and in the text between backquotes. */
function commandsIn(path: string): string[] {
  const document = readDocument(path);
  const blocks = blocksOf(document);
  const shell = blocks.filter(({ info }) => info === "sh").flatMap(({ lines }) => lines);
  const typed = blocks.filter(({ info }) => /^(console|run)/.test(info)).flatMap(exchangesOf);
  const inside = new Set(blocks.flatMap(({ lines, at }) => lines.map((_, index) => at + index)));
  const text = document.filter((line, index) => !inside.has(index) && !line.startsWith("    "));
  const quoted = text.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code));
  return [...shell, ...typed.map(({ command }) => command), ...quoted];
}

/** The words behind `podwire` of each call in a line of a shell. */
function callsIn(line: string): string[][] {
  const calls = line.replace(/ #.*/, "").matchAll(/(?:^|[|;&(] *|dist\/)podwire ([^|;&>#)]*)/g);
  return [...calls].map(([, words = ""]) => words.match(/'[^']*'|"[^"]*"|[^\s\\]+/g) ?? []);
}

/** The word that podwire does not know; undefined where it knows all. */
function unknownWord(words: readonly string[]): string | undefined {
  const { trail } = findPosition(PODWIRE, words);
  const [first = ""] = words;
  if (trail.length === 1 && !first.startsWith("-") && first !== "") return first;
  if (trail.length > 1 && isGroup(lastOf(trail)) && words.length > 1) return words.at(-1);
  return words
    .filter((word) => /^--?[a-z]/i.test(word))
    .find(
      (word) =>
        findOption(trail, word.startsWith("--") ? word.replace(/=.*/s, "") : word.slice(0, 2)) === undefined,
    );
}

test.for(DOCUMENTS)("%s names commands and options that there are", (path) => {
  const unknown = commandsIn(path).flatMap((line) =>
    callsIn(line).flatMap((words) => {
      const word = unknownWord(words);
      return word === undefined ? [] : [`podwire ${words.join(" ")}: ${word}`];
    }),
  );
  expect(unknown).toEqual([]);
});

test.for(DOCUMENTS)("%s names files of this repository that there are", (path) => {
  const named = commandsIn(path).flatMap((line) => line.match(OWN_PATH) ?? []);
  const missing = named.filter((name) => !existsSync(name) && !name.startsWith("docs/podwire"));
  expect(missing).toEqual([]);
});

function anchorsOf(path: string): string[] {
  const headings = readDocument(path).filter((line) => /^#+ /.test(line));
  return headings.map((line) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}

test.for(DOCUMENTS)("%s links to what there is", (path) => {
  const links = readDocument(path).flatMap((line) => [
    ...line.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g),
  ]);
  const dead = links.filter(([, target = "", anchor]) => {
    const file = target === "" ? path : join(dirname(path), target);
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
  });
  expect(dead.map(([link]) => link)).toEqual([]);
});

test("README.md links to every document", () => {
  const readme = readFileSync("README.md", "utf8");
  expect(DOCUMENTS.filter((path) => path !== "README.md" && !readme.includes(`](${path})`))).toEqual([]);
});

test("docs/troubleshooting.md has a section for every error code and for no other", () => {
  const headings = readDocument("docs/troubleshooting.md").flatMap(
    (line) => /^## (\d+): /.exec(line)?.[1] ?? [],
  );
  expect(headings.map(Number)).toEqual(Object.values(CNI_ERROR).sort((a, b) => a - b));
});

test.for(DOCUMENTS)("%s has configuration lists that podwire takes", (path) => {
  const blocks = blocksOf(readDocument(path)).filter(({ info }) => info === "json");
  for (const { lines } of blocks) {
    const place = { binDir: "/opt/cni/bin", confDir: "/nowhere", confName: "10-podwire.conflist" };
    expect(() => checkContent({ file: path, text: lines.join("\n"), ...place })).not.toThrow();
  }
});
