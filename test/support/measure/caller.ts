/** The thin, equal caller of measured commands: a small C program that lives inside a node, and how to speak to it. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Node } from "../node/node.ts";

export interface Command {
  /** The first is the path of the executable. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** What one command cost, children that it waited for included. */
export interface Cost {
  readonly exitCode: number;
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly minorFaults: number;
  readonly stdout: string;
}

export interface Batch {
  /** From the start of the first command to the end of the last. */
  readonly wallMs: number;
  readonly costs: readonly Cost[];
}

const SOURCE = resolve(import.meta.dirname, "caller.c");

export class Caller {
  readonly #process: ChildProcess;
  readonly #stdin: Writable;
  readonly #answers: AsyncIterator<Buffer>;
  readonly #directory: string;
  #pending: Buffer = Buffer.alloc(0);

  private constructor(directory: string, node: Node) {
    const [file = "", ...args] = node.command([join(directory, "caller")]);
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (child.stdin === null || child.stdout === null) throw new Error("the caller has no pipes");
    this.#process = child;
    this.#stdin = child.stdin;
    this.#answers = (child.stdout as Readable)[Symbol.asyncIterator]();
    this.#directory = directory;
  }

  /** Compiles the caller and starts it on `node`. */
  static create(node: Node): Caller {
    const directory = mkdtempSync(join(tmpdir(), "podwire-caller-"));
    execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", join(directory, "caller"), SOURCE]);
    return new Caller(directory, node);
  }

  /** Runs one command. */
  async run(command: Command): Promise<Cost> {
    const [cost] = (await this.runAtOnce([command])).costs;
    if (cost === undefined) throw new Error("the caller gave no answer");
    return cost;
  }

  /** Runs all commands at once. */
  async runAtOnce(commands: readonly Command[]): Promise<Batch> {
    this.#stdin.write(Buffer.concat([Buffer.from(`${commands.length}\n`), ...commands.map(encode)]));
    const wallMs = Number(await this.#line()) / 1e6;
    const costs: Cost[] = [];
    for (const _ of commands) costs.push(await this.#cost());
    return { wallMs, costs };
  }

  async #cost(): Promise<Cost> {
    const [exitCode = 0, wallNs = 0, cpuUs = 0, peakKiB = 0, minorFaults = 0, bytes = 0] = (
      await this.#line()
    )
      .split(" ")
      .map(Number);
    const stdout = (await this.#take(bytes)).toString();
    return {
      exitCode,
      wallMs: wallNs / 1e6,
      cpuMs: cpuUs / 1e3,
      peakMiB: peakKiB / 1024,
      minorFaults,
      stdout,
    };
  }

  async #line(): Promise<string> {
    while (!this.#pending.includes("\n")) await this.#more();
    const line = (await this.#take(this.#pending.indexOf("\n") + 1)).toString();
    return line.trimEnd();
  }

  async #take(bytes: number): Promise<Buffer> {
    while (this.#pending.length < bytes) await this.#more();
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("the caller ended before its answer did");
    this.#pending = Buffer.concat([this.#pending, value]);
  }

  /** Leaves nothing on disk; the process ends with this one, which holds its standard input. */
  abandon(): void {
    rmSync(this.#directory, { recursive: true });
  }

  /** Ends the caller. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#stdin.end();
    await gone;
    rmSync(this.#directory, { recursive: true });
  }
}

function encode({ argv, env = {}, input = "" }: Command): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const strings = [...argv, ...variables].map((text) => `${text}\0`).join("");
  return Buffer.from(`${argv.length} ${variables.length} ${Buffer.byteLength(input)}\n${strings}${input}`);
}
