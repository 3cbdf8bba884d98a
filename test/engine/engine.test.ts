/** The engine of plugin calls against Bun: the same TypeScript gives the same answers in both. */

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { PODWIRE } from "../support/node/node.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 }); // the compiler's cache may be empty

const CALL = { CNI_COMMAND: "VERSION" };
let directory = "";
let engine = "";
let inEngine: Record<string, unknown> = {};
let underBun: Record<string, unknown> = {};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "podwire-engine-"));
  engine = execFileSync("scripts/bun", ["test/engine/build-probe.ts", directory], {
    encoding: "utf8",
  }).trim();
  const bun = ["-e", 'import { print } from "./test/engine/probe.ts"; print();'];
  underBun = JSON.parse(execFileSync("scripts/bun", bun, { encoding: "utf8", maxBuffer: 1 << 26 }));
  inEngine = JSON.parse(execFileSync(engine, { encoding: "utf8", env: CALL, maxBuffer: 1 << 26 }));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test.for(["texts", "hashes", "language", "programs", "memory", "recursion"])(
  "the engine answers as Bun does when it is asked about %s",
  (topic) => {
    expect(inEngine[topic]).toBeDefined();
    expect(inEngine[topic]).toEqual(underBun[topic]);
  },
);

test("the engine answers the same when there is no saved heap as when there is one", () => {
  const parts = ["scripts/bun", ["test/engine/build-probe.ts", directory, "--joined"]] as const;
  const joined = execFileSync(...parts, { encoding: "utf8" }).trim();
  expect(JSON.parse(execFileSync(joined, { encoding: "utf8", env: CALL, maxBuffer: 1 << 26 }))).toEqual(
    inEngine,
  );
});

test("podwire gives an error document when its engine fails", () => {
  const failing = execFileSync("scripts/bun", ["test/engine/build-probe.ts", directory, "--failing"], {
    encoding: "utf8",
  }).trim();
  const { status, stdout, stderr } = spawnSync(failing, { encoding: "utf8", env: CALL });
  expect({ status, code: JSON.parse(stdout).code, stderr }).toEqual({
    status: 1,
    code: 999,
    stderr: "podwire: Error: out of order\n",
  });
});

test("podwire says what is missing when it was stripped, and answers calls all the same", () => {
  const stripped = join(directory, "stripped");
  execFileSync("strip", ["-o", stripped, PODWIRE]);
  const { status, stderr } = spawnSync(stripped, ["--version"], { encoding: "utf8", env: {} });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "podwire: the command line is missing in this executable; was it stripped?: Exec format error\n",
  });
  expect(JSON.parse(execFileSync(stripped, { encoding: "utf8", env: CALL, input: "" }))).toHaveProperty(
    "supportedVersions",
  );
});

test("podwire answers with an error document when it has no memory, and as ever when its own file cannot be read", () => {
  const traced = (injection: string) => {
    const strace = ["-qq", "-o", "/dev/null", "-e", `inject=${injection}`, PODWIRE];
    const { status, stdout } = spawnSync("strace", strace, {
      encoding: "utf8",
      env: { ...process.env, ...CALL },
      input: "",
    });
    return { status, document: JSON.parse(stdout) };
  };
  expect(traced("mprotect:error=ENOMEM:when=1")).toMatchObject({ status: 1, document: { code: 999 } });
  expect(traced("openat:error=EMFILE:when=1")).toMatchObject({
    status: 0,
    document: { supportedVersions: expect.arrayContaining(["1.1.0"]) },
  });
});

test("podwire answers calls when there is neither a C library nor /proc", () => {
  copyFileSync(PODWIRE, join(directory, "podwire"));
  const { stdout } = spawnSync("chroot", [directory, "/podwire"], {
    encoding: "utf8",
    env: { ...process.env, ...CALL },
    input: "",
  });
  expect(JSON.parse(stdout)).toHaveProperty("supportedVersions");
});

test("podwire says what the command line wants when there is no C library", () => {
  mkdirSync(join(directory, "proc"));
  const script = `mount -t proc proc ${directory}/proc && exec chroot ${directory} /podwire --version`;
  const { status, stderr } = spawnSync("unshare", ["-m", "sh", "-c", script], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/wants the GNU C library's loader, which is not here: No such file/),
  });
});

test("the engine gives back why a program could not be started when there is no pipe for it", () => {
  const strace = ["-qq", "-o", "/dev/null", "-e", "inject=pipe2:error=EMFILE", engine];
  const { stdout } = spawnSync("strace", strace, {
    encoding: "utf8",
    env: { ...process.env, ...CALL },
    maxBuffer: 1 << 26,
  });
  expect(JSON.parse(stdout).programs.missing).toBe("EMFILE");
});

test("the engine throws an error that can be caught when its heap cannot grow", () => {
  const strace = ["-qq", "-o", "/dev/null", "-e", "inject=mprotect:error=ENOMEM:when=3+", engine];
  const { status, stderr } = spawnSync("strace", strace, {
    encoding: "utf8",
    env: { ...process.env, ...CALL },
  });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("out of memory") });
});
