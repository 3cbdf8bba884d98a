/** What the kernel's and the C library's headers say of a constant or a structure, asked by a compiled program. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Values of C integer expressions by expression.
 * @throws where gcc or a header is missing, or a header does not know a name
 */
export function evaluate(headers: readonly string[], expressions: readonly string[]): Map<string, number> {
  const directory = mkdtempSync(join(tmpdir(), "uapi-"));
  try {
    const source = join(directory, "main.c");
    const prints = expressions.map((text) => `printf("%lld\\n", (long long)(${text}));`);
    const includes = ["stdio.h", "stddef.h", ...headers].map((header) => `#include <${header}>`);
    writeFileSync(source, [...includes, "int main(void) {", ...prints, "return 0; }", ""].join("\n"));
    run("gcc", ["-o", join(directory, "main"), source]);
    const values = run(join(directory, "main"), []).trim().split("\n").map(Number);
    return new Map(expressions.map((text, index) => [text, values[index] ?? Number.NaN]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function run(file: string, args: readonly string[]): string {
  const done = spawnSync(file, args, { encoding: "utf8" });
  if (done.error !== undefined)
    throw new Error(`${file}: ${done.error.message}; want gcc and linux-libc-dev`);
  if (done.status !== 0) throw new Error(`${file}: exit ${done.status}: ${done.stderr}`);
  return done.stdout;
}

/** Text of every TypeScript file below a directory of the project, by path. */
export function sourcesOf(directory: string): Map<string, string> {
  const names = readdirSync(resolve(directory), { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".ts"));
  return new Map(files.map((name) => [name, readFileSync(resolve(directory, name), "utf8")]));
}
