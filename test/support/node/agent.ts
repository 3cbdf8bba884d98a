/** `podwire install --watch` on a node, and what it says and answers. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { type Node, PODWIRE } from "./node.ts";

const SOCKET = "/run/agent.sock";

/** One line of its log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

/** What is no JSON is an error of the command line, before the agent began. */
function toLogLine(line: string): LogLine {
  return line.startsWith("{") ? JSON.parse(line) : { msg: line };
}

export class Agent {
  readonly log: LogLine[] = [];
  readonly #node: Node;
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  private constructor(node: Node, process: ChildProcess, lines: Interface) {
    this.#node = node;
    this.#process = process;
    this.#lines = lines;
    lines.on("line", (line) => this.log.push(toLogLine(line)));
  }

  /** Returns when it is ready. `options` follow `install --watch --listen unix:…`. */
  static start(node: Node, ...options: readonly string[]): Promise<Agent> {
    return Agent.run(node, [PODWIRE, "install", "--watch", "--listen", `unix:${SOCKET}`, ...options]);
  }

  /** The same by a command of one's own. */
  static async run(node: Node, command: readonly string[]): Promise<Agent> {
    const [file = "", ...args] = node.command(command);
    const started = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    if (started.stderr === null) throw new Error("the agent has no standard error");
    const agent = new Agent(node, started, createInterface(started.stderr));
    await agent.said(({ msg }) => msg === "ready");
    return agent;
  }

  /** Waits for a line that it says after `from` others. @throws it ends without */
  async said(isWanted: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    for (;;) {
      const found = this.log.slice(from).find(isWanted);
      if (found !== undefined) return found;
      const ended = once(this.#lines, "close").then(() => "ended");
      if ((await Promise.race([once(this.#lines, "line"), ended])) === "ended")
        throw new Error(`the agent has ended: ${JSON.stringify(this.log)}`);
    }
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://agent${path}`, { unix: `/proc/${this.#node.pid}/root${SOCKET}` });
    return { status: response.status, text: await response.text() };
  }

  /** Values of the metrics by name and labels as they stand in the text. */
  async metrics(): Promise<Readonly<Record<string, number>>> {
    const { text } = await this.get("/metrics");
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** @returns the exit status */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const exited = once(this.#process, "exit");
    this.#process.kill(signal);
    return (await exited)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.stop("SIGKILL");
  }
}
