/** Real packets between namespaces: who answers at an address and port, and which source address it saw. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { compiled } from "../build/compile.ts";
import type { Node } from "../node/node.ts";

/** A namespace of a node: the node's own where there is no pod. */
export interface Place {
  readonly node: Node;
  readonly pod?: string;
}

export interface ConnectOptions {
  /** How long an answer is waited for. */
  readonly timeoutMs?: number;
  readonly fromAddress?: string;
  readonly fromPort?: number;
}

/** For connections that are expected to get no answer: as long as these tests wait in vain. */
export const IN_VAIN = { timeoutMs: 700 } as const;

const SOURCES = [
  "traffic/traffic",
  "traffic/traffic-serve",
  "traffic/traffic-connect",
  "traffic/traffic-forward",
  "traffic/traffic-sctp",
] as const;

/** Path of the tool. */
export const trafficTool = () => compiled(...SOURCES);

/** Command on the node that runs `command` in the place's namespace. */
function inside({ pod }: Place, command: readonly string[]): string[] {
  return pod === undefined ? [...command] : ["nsenter", `--net=/run/netns/${pod}`, "--", ...command];
}

/** A server that answers with its name and the peer's address, until it is stopped. */
export class Server {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /**
   * Returns when every endpoint is bound.
   * @param endpoints `tcp 80` for any address of both families, or `udp 10.1.0.2 53`
   */
  static start(place: Place, name: string, endpoints: readonly string[]): Promise<Server> {
    return Server.#run(place, ["serve", name, ...endpoints.flatMap(wordsOf)]);
  }

  /** Forwards what `sender` sends to the multicast `group` from one interface to the other. */
  static forward(
    place: Place,
    sender: string,
    group: string,
    ifnames: readonly [string, string],
  ): Promise<Server> {
    return Server.#run(place, ["forward", sender, group, ...ifnames]);
  }

  static async #run(place: Place, words: readonly string[]): Promise<Server> {
    const [file = "", ...args] = place.node.command(inside(place, [trafficTool(), ...words]));
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
    const errors: string[] = [];
    child.stderr.on("data", (chunk) => errors.push(String(chunk)));
    const [first] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    if (String(first) !== "ready\n") throw new Error(`no server "${words.join(" ")}": ${errors.join("")}`);
    return new Server(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }
}

function wordsOf(endpoint: string): string[] {
  const words = endpoint.split(" ");
  if (words.length === 3) return words;
  const [protocol = "", port = ""] = words;
  return [protocol, "0.0.0.0", port, protocol, "::", port];
}

/**
 * What answers at `target`, as `c1 192.168.50.2`, or `no answer: timeout`.
 * @param target `tcp 192.168.50.1 8080`
 */
export function connect(place: Place, target: string, options: ConnectOptions = {}): string {
  const { timeoutMs = 5000, fromAddress = "any", fromPort = 0 } = options;
  const words = [...target.split(" "), String(timeoutMs), fromAddress, String(fromPort)];
  const done = place.node.run(inside(place, [trafficTool(), "connect", ...words]));
  if (done.exitCode > 1) throw new Error(`connect ${words.join(" ")}: ${done.stderr}`);
  return done.stdout.trim();
}
