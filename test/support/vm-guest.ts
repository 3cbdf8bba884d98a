/** The process of a test virtual machine, and the shell lines that go into it: requests out, answers back, by number. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { commandOf, INITRD, type VmOptions, writeInitrd } from "./vm-machine.ts";

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
  readonly #folder: string;
  readonly #pending = new Map<number, Pending>();
  readonly #isGone: Promise<void>;
  #lastId = BOOT;
  #fault: Error | undefined;

  private constructor(folder: string, options: VmOptions) {
    this.#folder = folder;
    const log = openSync(join(folder, "qemu.log"), "w");
    // Whatever ends this process ends the machine too.
    const command = ["--pdeathsig", "KILL", "--", ...commandOf(folder, options)];
    this.#qemu = spawn("setpriv", command, { stdio: ["pipe", "pipe", log] });
    closeSync(log);
    const { stdin, stdout } = this.#qemu;
    if (stdin === null || stdout === null) throw new Error("QEMU has no pipes");
    this.#stdin = stdin;
    // A write to a machine that has ended fails; what waits for its answer learns it from the end itself.
    stdin.on("error", () => undefined);
    this.#isGone = once(this.#qemu, "exit").then(([code, signal]) => this.#fail(`ended: ${signal ?? code}`));
    createInterface({ input: stdout }).on("line", (line) => this.#answer(line));
  }

  /** Starts a machine and waits until it takes commands. @throws with the console's last lines where it does not */
  static async boot(options: VmOptions): Promise<Guest> {
    const folder = mkdtempSync(join(tmpdir(), "podwire-vm-"));
    writeInitrd(folder, options);
    const guest = new Guest(folder, options);
    try {
      await guest.#reply(BOOT, BOOT_TIMEOUT_MS, "boot");
      rmSync(join(folder, INITRD));
      return guest;
    } catch (error) {
      await guest.close();
      throw error;
    }
  }

  /** Runs a shell line. @throws with the console's last lines where the machine panics, or is silent for too long */
  run(line: string, stdin: string, timeoutMs: number): Promise<Finished> {
    this.#lastId++;
    const reply = this.#reply(this.#lastId, timeoutMs, line);
    this.#stdin.write(`${this.#lastId} ${encode(line)} ${encode(stdin)}\n`);
    return reply;
  }

  /** The console's last lines, and what QEMU itself said. */
  tail(): string {
    const lines = (name: string) => readFileSync(join(this.#folder, name), "utf8").trimEnd().split("\n");
    return [...lines("console.log").slice(-TAIL_LINES), ...lines("qemu.log")].join("\n");
  }

  /** Ends the machine and leaves nothing on disk. */
  async close(): Promise<void> {
    this.#fault ??= new Error("the virtual machine is closed");
    this.#qemu.kill("SIGKILL");
    await this.#isGone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #reply(id: number, timeoutMs: number, what: string): Promise<Finished> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const { promise, resolve, reject } = Promise.withResolvers<Finished>();
    const timer = setTimeout(() => this.#fail(`gives no answer for ${timeoutMs} ms to: ${what}`), timeoutMs);
    this.#pending.set(id, { resolve, reject });
    return promise.finally(() => clearTimeout(timer));
  }

  #answer(line: string): void {
    const [id = "", status = "", stdout = "", stderr = ""] =
      line === "ready" ? [String(BOOT), "0"] : line.split(" ");
    const pending = this.#pending.get(Number(id));
    this.#pending.delete(Number(id));
    pending?.resolve({ status: Number(status), stdout: decode(stdout), stderr: decode(stderr) });
  }

  #fail(what: string): void {
    this.#fault ??= new Error(`the virtual machine ${what}\n${this.tail()}`);
    for (const { reject } of this.#pending.values()) reject(this.#fault);
    this.#pending.clear();
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(text: string): string {
  return Buffer.from(text, "base64").toString();
}
