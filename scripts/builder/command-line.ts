/** The command line's program: Bun's own executable with our modules in it, and without its switches. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "./run.ts";
import type { Target } from "./target.ts";

/** Variables of the environment that would make Bun's executable another program than ours. */
const SWITCHES = ["BUN_BE_BUN", "BUN_OPTIONS", "BUN_INSPECT"];

/** Compiles `bundle/podwire.js` below `work`; the file that it gives is there too. */
export async function compileCommandLine({ bun, runtime }: Target, work: string): Promise<string> {
  writeFileSync(join(work, "runtime"), withoutSwitches(readRuntime(runtime, work)), { mode: 0o755 });
  // The directory shows in the result only as far as the arguments name it.
  await run([resolve("scripts/bun"), ...compileArguments(bun)], { cwd: work });
  return join(work, "command-line");
}

/** Splitting and bytecode for the start; no autoload, for it must not read the directory that it is run in. */
function compileArguments(bun: string): string[] {
  const autoload = ["dotenv", "bunfig", "tsconfig", "package-json"].map(
    (name) => `--no-compile-autoload-${name}`,
  );
  return [
    "build",
    "--compile",
    `--target=${bun}`,
    "--compile-executable-path=runtime",
    "--format=esm",
    "--splitting",
    "--bytecode",
    "--minify",
    ...autoload,
    "--outfile=command-line",
    "bundle/podwire.js",
  ];
}

/** Bun's own executable for the target: installed, or for another architecture fetched and held against the lock file. */
function readRuntime(name: string, work: string): Buffer {
  try {
    return readFileSync(join("node_modules", name, "bin/bun"));
  } catch {
    return fetchRuntime(name, work);
  }
}

function fetchRuntime(name: string, work: string): Buffer {
  const { version, integrity } = JSON.parse(readFileSync("package-lock.json", "utf8")).packages[
    `node_modules/${name}`
  ];
  console.error(`fetching ${name}@${version}`);
  const packed = execFileSync(
    "npm",
    ["pack", "--silent", `--pack-destination=${work}`, `${name}@${version}`],
    { encoding: "utf8" },
  );
  const archive = join(work, packed.trim().split("\n").at(-1) ?? "");
  const digest = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (digest !== integrity)
    throw new Error(`${name}@${version}: got ${digest}, package-lock.json has ${integrity}`);
  execFileSync("tar", ["-xzf", archive, "-C", work]);
  return readFileSync(join(work, "package/bin/bun"));
}

/** The runtime with the names of its switches replaced by names of the same length that nobody sets. */
function withoutSwitches(runtime: Buffer): Buffer {
  for (const name of SWITCHES) {
    const unknown = Buffer.from(`\x01${name.slice(1)}`);
    let found = 0;
    for (let at = runtime.indexOf(name); at >= 0; at = runtime.indexOf(name, at + 1)) {
      unknown.copy(runtime, at);
      found++;
    }
    if (found === 0)
      throw new Error(`${name} is not in this Bun: is the switch gone, or named otherwise now?`);
  }
  return runtime;
}
