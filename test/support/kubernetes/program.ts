/** Programs that run beside a test and end with it. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const RETRY_MS = 50;
/** Characters of what it has said last. */
const LOG_LIMIT = 4000;

export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "close");
    child.stderr?.on("data", (chunk) => {
      this.#log = `${this.#log}${chunk}`.slice(-LOG_LIMIT);
    });
  }

  /** Returns when the command succeeds. @throws with its log where the program ends before */
  async until(command: readonly string[]): Promise<void> {
    const [file = "", ...args] = command;
    while (spawnSync(file, args, { stdio: "ignore" }).status !== 0) {
      if (this.#hasEnded()) throw new Error(`${this.#child.spawnfile} ended: ${this.#log}`);
      await delay(RETRY_MS);
    }
  }

  async kill(): Promise<void> {
    if (!this.#hasEnded()) this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** It is killed when this process ends, however that does. */
export function startProgram(command: readonly string[]): Program {
  const args = ["--pdeathsig", "KILL", "--", ...command];
  return new Program(spawn("setpriv", args, { stdio: ["ignore", "ignore", "pipe"] }));
}

/** Ports of 127.0.0.1 that nobody has just now. */
export async function choosePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
