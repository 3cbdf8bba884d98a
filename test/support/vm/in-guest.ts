/** Functions of our own run inside a test virtual machine, where no command of podwire reaches them alone. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Imports, programOf } from "../node/in-node.ts";
import type { Vm } from "./vm.ts";

const PROGRAM = "/tmp/program.js";

/** What `body`, the body of a function, returns; a JSON value. @throws where it throws */
export async function evaluateInGuest(vm: Vm, imports: Imports, body: string) {
  const stdin = bundle(programOf(imports, body));
  return JSON.parse(await vm.sh(`cat > ${PROGRAM}; bun ${PROGRAM}`, { stdin }));
}

/** The message of the error that `body` throws. */
export function messageInGuest(vm: Vm, imports: Imports, body: string): Promise<string> {
  return evaluateInGuest(vm, imports, `try { ${body} } catch (error) { return error.message; }`);
}

/** A program with all that it imports, as one file. */
function bundle(program: string): string {
  const directory = mkdtempSync(join(tmpdir(), "program-"));
  try {
    const [entry, outfile] = [join(directory, "entry.ts"), join(directory, "program.js")];
    writeFileSync(entry, program);
    const options = ["--target=bun", `--outfile=${outfile}`];
    const done = spawnSync(resolve("scripts/bun"), ["build", ...options, entry], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`bun build: ${done.stderr}`);
    return readFileSync(outfile, "utf8");
  } finally {
    rmSync(directory, { recursive: true });
  }
}
