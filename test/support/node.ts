/**
 * A node for tests: network and mount namespaces of its own, held by one process. When that process is killed, the
 * kernel takes back every interface, namespace, mount and state file that a test made; the machine's own are never
 * in reach.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

export const PODWIRE = process.env.PODWIRE_BIN ?? resolve("dist/podwire");
/** Where Debian's containernetworking-plugins puts the reference plugins. */
export const REFERENCE_DIR = "/usr/lib/cni";

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface PluginCall {
  readonly command: string;
  readonly conf: object | string;
  readonly containerId?: string;
  readonly netns?: string;
  readonly ifname?: string;
  readonly args?: string;
  /** Path of the executable; default: podwire. */
  readonly plugin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const SETUP = `
set -e
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
for folder in /var/lib/cni /etc/cni; do mkdir -p $folder && mount -t tmpfs tmpfs $folder; done
mkdir -p /run/netns
ip link set lo up
echo ready
exec sleep infinity
`;

export class Node {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async create(): Promise<Node> {
    const holder = spawn("unshare", ["--mount", "--net", "--propagation", "private", "sh", "-c", SETUP], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (holder.stdout === null) throw new Error("unshare has no standard output");
    await once(holder.stdout, "data");
    return new Node(holder);
  }

  /** Process ID of the holder: for `nsenter -t PID -m -n`. */
  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** Command and arguments that run `command` on this node. */
  command(command: readonly string[]): string[] {
    return ["nsenter", "-t", String(this.pid), "-m", "-n", "--", ...command];
  }

  run(command: readonly string[], options: RunOptions = {}): Finished {
    const [file = "", ...args] = this.command(command);
    const done = spawnSync(file, args, {
      encoding: "utf8",
      input: options.input ?? "",
      env: { PATH: process.env.PATH ?? "", ...options.env },
      maxBuffer: 256 * 1024 * 1024,
    });
    return { exitCode: done.status ?? 128, stdout: done.stdout, stderr: done.stderr };
  }

  /** Standard output of a shell script; throws where it fails. */
  sh(script: string): string {
    const { exitCode, stdout, stderr } = this.run(["sh", "-ec", script]);
    if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode}: ${stderr}${stdout}`);
    return stdout;
  }

  /** What a command with JSON output prints: `node.json("ip -j address show dev cni0")`; [] for no output. */
  json(script: string) {
    const text = this.sh(script).trim();
    return text === "" ? [] : JSON.parse(text);
  }

  /** Makes a pod's network namespace and gives its path. */
  addPod(name: string): string {
    this.sh(`ip netns add ${name}`);
    return `/run/netns/${name}`;
  }

  /** One plugin call as a runtime makes it; `json` is the document on standard output, undefined where it is empty. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  cni(call: PluginCall): Finished & { json: any } {
    const env: Record<string, string> = { CNI_COMMAND: call.command, CNI_PATH: REFERENCE_DIR, ...call.env };
    if (call.containerId !== undefined) env.CNI_CONTAINERID = call.containerId;
    if (call.netns !== undefined) env.CNI_NETNS = call.netns;
    if (call.ifname !== undefined) env.CNI_IFNAME = call.ifname;
    if (call.args !== undefined) env.CNI_ARGS = call.args;
    const input = typeof call.conf === "string" ? call.conf : JSON.stringify(call.conf);
    const done = this.run([call.plugin ?? PODWIRE], { input, env });
    return { ...done, json: done.stdout.trim() === "" ? undefined : JSON.parse(done.stdout) };
  }

  /** Takes everything of the node away. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const gone = once(this.#holder, "exit");
    this.#holder.kill("SIGKILL");
    await gone;
  }
}
