/**
 * Compiles bin/podwire.ts into one executable, and puts the manual page beside it.
 *
 * The flags keep the start fast (splitting, bytecode, few functions) and keep the program from reading the folder that it is run in
 * (no autoload). Bun's own switches in the environment (BUN_BE_BUN, BUN_OPTIONS, BUN_INSPECT) would turn a plugin
 * call into something else, so the runtime is built in with those names made unknown.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type MinifyOptions, minify } from "terser";

interface Target {
  readonly bun: string;
  readonly runtime: string;
  readonly outfile: string;
}

const TARGETS: Readonly<Record<string, Target>> = {
  "linux-x64": { bun: "bun-linux-x64", runtime: "@oven/bun-linux-x64", outfile: "dist/podwire" },
  "linux-arm64": {
    bun: "bun-linux-arm64",
    runtime: "@oven/bun-linux-aarch64",
    outfile: "dist/podwire-arm64",
  },
};

const INLINE: MinifyOptions = {
  module: true,
  toplevel: true,
  ecma: 2020,
  compress: { passes: 4, inline: 3, unsafe_arrows: true, keep_fargs: false },
};

const SWITCHES = ["BUN_BE_BUN", "BUN_OPTIONS", "BUN_INSPECT"];

const { values } = parseArgs({
  options: { target: { type: "string", default: "linux-x64" }, outfile: { type: "string" } },
});
const target = TARGETS[values.target];
if (target === undefined) {
  console.error(
    `scripts/build: no target "${values.target}"; want one of ${Object.keys(TARGETS).join(", ")}`,
  );
  process.exit(2);
}
await build(target, values.outfile ?? target.outfile);

async function build({ bun, runtime }: Target, outfile: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "podwire-build-"));
  try {
    writeFileSync(join(work, "runtime"), withoutSwitches(readRuntime(runtime, work)), { mode: 0o755 });
    await bundle(join(work, "bundle"));
    runBun(compileArguments(bun), work);
    putInPlace(join(work, "podwire"), outfile);
    writeManualPage(join(work, "bundle"), join(dirname(outfile), "podwire.8"));
  } finally {
    rmSync(work, { recursive: true });
  }
  const digest = createHash("sha256").update(readFileSync(outfile)).digest("hex");
  console.log(`${outfile}  sha256:${digest}`);
}

/** The folder shows in the result only as far as the arguments name it: give paths relative to `cwd`. */
function runBun(args: readonly string[], cwd = "."): void {
  execFileSync(resolve("scripts/bun"), args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}

/** All modules in a few chunks, with functions that are called once made part of their callers: a call's cost is in first calls. */
async function bundle(folder: string): Promise<void> {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const defines = [
    `--define=PODWIRE_VERSION=${JSON.stringify(version)}`,
    `--define=PODWIRE_COMMIT=${JSON.stringify(commit())}`,
    `--define=PODWIRE_DATE=${JSON.stringify(git("log", "-1", "--format=%cs"))}`,
  ];
  runBun([
    "build",
    "--target=bun",
    "--format=esm",
    "--splitting",
    ...defines,
    `--outdir=${folder}`,
    "bin/podwire.ts",
  ]);
  for (const name of readdirSync(folder)) {
    const chunk = join(folder, name);
    const { code } = await minify(readFileSync(chunk, "utf8"), INLINE);
    if (code === undefined) throw new Error(`${name}: the minifier gave no code`);
    writeFileSync(chunk, code);
  }
}

/** By copy and rename: nobody ever runs half a file. */
function putInPlace(built: string, outfile: string): void {
  mkdirSync(dirname(outfile), { recursive: true });
  const temporary = `${outfile}.${process.pid}`;
  copyFileSync(built, temporary);
  renameSync(temporary, outfile);
}

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
    // A plugin call ends long before compiled code pays; at the default the first compiler threads start in it.
    "--compile-jit-policy=1000",
    ...autoload,
    "--outfile=podwire",
    "bundle/podwire.js",
  ];
}

/** As the program prints it; the bundle is the same for every target. */
function writeManualPage(bundle: string, outfile: string): void {
  const page = execFileSync(resolve("scripts/bun"), [join(bundle, "podwire.js"), "man"], {
    encoding: "utf8",
  });
  writeFileSync(outfile, page);
}

/** The commit that is built; "-dirty" where the tree differs from it. */
function commit(): string {
  const isDirty =
    git("status", "--porcelain", "--", "bin", "src", "package-lock.json", "scripts/build.ts") !== "";
  return `${git("rev-parse", "--short=12", "HEAD") || "unknown"}${isDirty ? "-dirty" : ""}`;
}

/** Empty where there is no history, as in a source archive. */
function git(...args: readonly string[]): string {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return ""; // safe: the callers have a word for it
  }
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
    {
      encoding: "utf8",
    },
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
