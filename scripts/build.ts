/**
 * Builds the executable, and the manual page beside it: the engine that runs plugin calls, its heap as it is when our
 * modules are loaded, and the command line's program, in one file.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundleCommandLine, bundleScript } from "./builder/bundle.ts";
import { compileCommandLine } from "./builder/command-line.ts";
import { buildEngine, compileEngineParts } from "./builder/engine.ts";
import { joinParts } from "./builder/layout.ts";
import { together } from "./builder/run.ts";
import { TARGETS, type Target } from "./builder/target.ts";

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

async function build(target: Target, outfile: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "podwire-build-"));
  try {
    // The compilers first: they are processes, and the bundler keeps this one busy.
    const [parts, script] = await together(compileEngineParts(target, work), bundle(work));
    const [{ executable: engine, heap }, commandLine] = await together(
      buildEngine(parts, script, work),
      compileCommandLine(target, work),
    );
    joinParts({ engine, heap, commandLine }, join(work, "podwire"));
    putInPlace(join(work, "podwire"), outfile);
    writeManualPage(join(work, "bundle"), join(dirname(outfile), "podwire.8"));
  } finally {
    rmSync(work, { recursive: true });
  }
  const digest = createHash("sha256").update(readFileSync(outfile)).digest("hex");
  console.log(`${outfile}  sha256:${digest}`);
}

/** The command line's modules, and those of a plugin call as one script; gives the script. */
async function bundle(work: string): Promise<string> {
  await bundleCommandLine(join(work, "bundle"));
  return bundleScript("bin/plugin.ts", join(work, "call"));
}

/** By copy and rename: nobody ever runs half a file. */
function putInPlace(built: string, outfile: string): void {
  mkdirSync(dirname(outfile), { recursive: true });
  const temporary = `${outfile}.${process.pid}`;
  copyFileSync(built, temporary);
  renameSync(temporary, outfile);
}

/** As the program prints it; the bundle is the same for every target. */
function writeManualPage(bundle: string, outfile: string): void {
  const page = execFileSync(resolve("scripts/bun"), [join(bundle, "podwire.js"), "man"], {
    encoding: "utf8",
  });
  writeFileSync(outfile, page);
}
