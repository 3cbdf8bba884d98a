/** The process of a test virtual machine, and the shell lines that go into it: requests out, answers back, by number. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { CONSOLE, commandOf, writeInitrd } from "./vm-machine.ts";

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Pending {
  readonly resolve: (finished: Finished) => void;
  readonly reject: (error: Error) => void;
}

const BOOT = 0;
const BOOT_TIMEOUT_MS = 120_000;
const TAIL_LINES = 60;

export class Guest {
  readonly #qemu: ChildProcess;
  readonly #stdin: Writable;
  /** What QEMU says and what the kernel does, open here: after the boot nothing of the machine is on disk. */
  readonly #logs: readonly number[];
  readonly #pending = new Map<number, Pending>();
  readonly #isGone: Promise<void>;
  /** What has come of an answer that is not whole. */
  #unread: Buffer = Buffer.alloc(0);
  #lastId = BOOT;
  #fault: Error | undefined;

  private constructor(directory: string) {
    const [said, console] = ["qemu.log", CONSOLE].map((name) => openSync(join(directory, name), "w+"));
    this.#logs = [said, console].filter((log) => log !== undefined);
    // Whatever ends this process ends the machine too.
    const command = ["--pdeathsig", "KILL", "--", ...commandOf(directory)];
    this.#qemu = spawn("setpriv", command, { stdio: ["pipe", "pipe", said] });
    const { stdin, stdout } = this.#qemu;
    if (stdin === null || stdout === null) throw new Error("QEMU has no pipes");
    this.#stdin = stdin;
    // A write to a machine that has ended fails; what waits for its answer learns it from the end itself.
    stdin.on("error", () => undefined);
    this.#isGone = once(this.#qemu, "exit").then(([code, signal]) => this.#fail(`ended: ${signal ?? code}`));
    stdout.on("data", (bytes) => this.#take(bytes));
  }

  /** Starts a machine and waits until it takes commands. @throws with the console's last lines where it does not */
  static async boot(): Promise<Guest> {
    const directory = mkdtempSync(join(tmpdir(), "podwire-vm-"));
    writeInitrd(directory);
    const guest = new Guest(directory);
    try {
      await guest.#reply(BOOT, BOOT_TIMEOUT_MS, "boot");
      return guest;
    } catch (error) {
      await guest.close();
      throw error;
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** Runs a shell line. @throws with the console's last lines where the machine panics, or is silent for too long */
  run(line: string, stdin: string, timeoutMs: number): Promise<Finished> {
    this.#lastId++;
    const reply = this.#reply(this.#lastId, timeoutMs, line);
    const sizes = [line, stdin].map((text) => Buffer.byteLength(text));
    this.#stdin.write(`${[this.#lastId, ...sizes].join(" ")}\n${line}${stdin}`);
    return reply;
  }

  get isAlive(): boolean {
    return this.#fault === undefined;
  }

  /** What QEMU itself said, and the console's last lines. */
  tail(): string {
    return this.#logs.flatMap((log) => textOf(log).trimEnd().split("\n").slice(-TAIL_LINES)).join("\n");
  }

  /** Ends the machine. */
  async close(): Promise<void> {
    this.#fault ??= new Error("the virtual machine is closed");
    this.#qemu.kill("SIGKILL");
    await this.#isGone;
    for (const log of this.#logs) closeSync(log);
  }

  #reply(id: number, timeoutMs: number, what: string): Promise<Finished> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const { promise, resolve, reject } = Promise.withResolvers<Finished>();
    const timer = setTimeout(() => this.#fail(`gives no answer for ${timeoutMs} ms to: ${what}`), timeoutMs);
    this.#pending.set(id, { resolve, reject });
    return promise.finally(() => clearTimeout(timer));
  }

  /** Answers as guest/agent.c writes them, cut up anywhere. */
  #take(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const start = this.#unread.indexOf("\n") + 1;
      const [id = 0, status = 0, out = 0, error = 0] = this.#unread
        .toString("latin1", 0, start)
        .split(" ")
        .map(Number);
      const end = start + out + error;
      if (start === 0 || this.#unread.length < end) return;
      const [stdout, stderr] = [
        this.#unread.toString("utf8", start, start + out),
        this.#unread.toString("utf8", start + out, end),
      ];
      this.#unread = this.#unread.subarray(end);
      this.#pending.get(id)?.resolve({ status, stdout, stderr });
      this.#pending.delete(id);
    }
  }

  #fail(what: string): void {
    this.#fault ??= new Error(`the virtual machine ${what}\n${this.tail()}`);
    for (const { reject } of this.#pending.values()) reject(this.#fault);
    this.#pending.clear();
  }
}

/** All that is in an open file. */
function textOf(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0));
}
