/** The process of containerd on a node: its configuration, its start, and its death. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { writeFile } from "../node/commands.ts";
import type { Node } from "../node/node.ts";
import { IMAGE } from "./image.ts";
import { NETWORKS, PLUGINS } from "./pod-network.ts";

const STATE = "/run/containerd";
export const SOCKET = `${STATE}/containerd.sock`;

const CONFIG_FILE = "/run/containerd.toml";
const PID_FILE = "/run/containerd.pid";
const RETRY_MS = 20;

/** Everything in a file system of the node's own. */
const CONFIG = `
version = 2
root = "/run/containerd-root"
state = "${STATE}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  restrict_oom_score_adj = true # where the machine may not lower its own
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${PLUGINS}"
  conf_dir = "${NETWORKS}"
`;

export class ContainerdProcess {
  readonly #node: Node;
  #child: ChildProcess | undefined;

  constructor(node: Node) {
    this.#node = node;
    writeFile(node, CONFIG_FILE, CONFIG);
  }

  /** Returns when `ask` has an answer. @throws with its log where it ends before */
  async start(ask: () => Promise<unknown>): Promise<void> {
    const script = `echo $$ > ${PID_FILE}; exec containerd --log-level error --config ${CONFIG_FILE}`;
    const [file = "", ...args] = this.#node.command(["sh", "-c", script]);
    const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    const log: string[] = [];
    child.stderr.on("data", (chunk) => log.push(String(chunk)));
    const end = once(child, "close").then(() => {
      throw new Error(`containerd ended: ${log.join("")}`);
    });
    end.catch(() => undefined); // it does end, with the node
    await Promise.race([answerOf(ask), end]);
  }

  async kill(): Promise<void> {
    if (this.#child === undefined) return;
    const gone = once(this.#child, "close");
    this.#node.sh(`kill -9 $(cat ${PID_FILE})`);
    await gone;
  }
}

/** Until it has read what was there before, it refuses every call. */
async function answerOf(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch {
      await delay(RETRY_MS);
    }
  }
}
