/** The executable as a build gives it: the same bytes from the same commit, for both architectures an ELF of its own. */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test, vi } from "vitest";

/** The first build on a machine compiles the C library and the engine too. */
vi.setConfig({ testTimeout: 900_000 });

/** Adds the installed packages: those that get into the executable as copies, as `npm ci` would, links to the others. */
function addPackages(directory: string): void {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const isCopied = (name: string) =>
    Object.keys(packages).some(
      (path) => path.split("/")[1] === name && !packages[path].dev && !packages[path].optional,
    );
  mkdirSync(join(directory, "node_modules"));
  for (const name of readdirSync("node_modules")) {
    const [from, to] = [resolve("node_modules", name), join(directory, "node_modules", name)];
    if (isCopied(name)) cpSync(from, to, { recursive: true });
    else symlinkSync(from, to);
  }
}

/** A fresh clone of this repository in a directory of its own. */
function cloned<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "podwire-clone-"));
  try {
    execFileSync("git", ["clone", "--quiet", resolve("."), directory]);
    addPackages(directory);
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Digests of the executable and of the manual page. */
function build(directory: string, ...args: string[]): string {
  execFileSync("scripts/build", args, { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
  const executable = args.length === 0 ? "podwire" : "podwire-arm64";
  return execFileSync("sha256sum", [executable, "podwire.8"], {
    cwd: join(directory, "dist"),
    encoding: "utf8",
  });
}

/** e_machine, elf.h. */
function machineOf(file: string): number {
  return readFileSync(file).readUInt16LE(18);
}

/** Bytes of it; the last of the file say it (engine/engine.h, `struct layout`). */
function savedHeapOf(file: string): number {
  return Number(readFileSync(file).subarray(-32).readBigUInt64LE(8));
}

test("scripts/build gives the same bytes when the same commit is built in two directories", () => {
  expect(cloned((directory) => build(directory))).toBe(cloned((directory) => build(directory)));
});

test("scripts/build gives an executable for arm64, with a saved heap, when it is asked for", () => {
  const EM_AARCH64 = 183;
  cloned((directory) => {
    build(directory, "--target=linux-arm64");
    const executable = join(directory, "dist/podwire-arm64");
    expect(machineOf(executable)).toBe(EM_AARCH64);
    expect(savedHeapOf(executable)).toBeGreaterThan(1_000_000);
    const env = { ...process.env, CNI_COMMAND: "VERSION" };
    const answer = execFileSync("qemu-aarch64-static", [executable], { env, input: "", encoding: "utf8" });
    expect(JSON.parse(answer)).toMatchObject({ supportedVersions: expect.arrayContaining(["1.1.0"]) });
  });
});

test("scripts/build names the targets when it is asked for another", () => {
  const run = () =>
    execFileSync("scripts/build", ["--target=linux-riscv"], { stdio: "pipe", encoding: "utf8" });
  expect(run).toThrow(/want one of linux-x64, linux-arm64/);
});
