/**
 * A node for tests: network and mount namespaces of its own, held by one process. When that process is killed, the
 * kernel takes back every interface, namespace, mount and state file that a test made; the machine's own are never
 * in reach.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
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

export interface NodeOptions {
  /** Process IDs of its own, and the machine's cgroups: whatever was started on the node ends with it. */
  readonly ownsProcesses?: true;
}

const SETUP = `
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
[ $$ != 1 ] || mount --rbind /sys/fs/cgroup /run/netns
mount -t sysfs sysfs /sys
[ $$ != 1 ] || mount --move /run/netns /sys/fs/cgroup
for directory in /var/lib/cni /etc/cni; do mkdir -p $directory && mount -t tmpfs tmpfs $directory; done
ip link set lo up
echo ready
[ $$ = 1 ] || exec sleep infinity
sleep infinity & wait # for the child, and for every process that has lost its parent
`;
const NAMESPACES = ["--mount", "--net", "--propagation", "private"];
const PROCESSES = ["--pid", "--fork", "--kill-child", "--mount-proc"];

export class Node {
  readonly #holder: ChildProcess;
  readonly #options: NodeOptions;
  /** Process ID of the holder: for `nsenter -t PID -m -n`. */
  readonly pid: number;

  private constructor(holder: ChildProcess, options: NodeOptions) {
    this.#holder = holder;
    this.#options = options;
    const own = holder.pid ?? 0;
    const child = () => Number(readFileSync(`/proc/${own}/task/${own}/children`, "utf8"));
    this.pid = options.ownsProcesses === true ? child() : own;
  }

  static async create(options: NodeOptions = {}): Promise<Node> {
    const flags = [...NAMESPACES, ...(options.ownsProcesses === true ? PROCESSES : [])];
    const holder = spawn("unshare", [...flags, "sh", "-c", SETUP], { stdio: ["ignore", "pipe", "pipe"] });
    const errors: string[] = [];
    holder.stderr.on("data", (chunk) => errors.push(String(chunk)));
    const [ready] = await Promise.race([once(holder.stdout, "data"), once(holder, "close")]);
    if (String(ready) !== "ready\n") throw new Error(`no node: ${errors.join("")}`);
    return new Node(holder, options);
  }

  /** Command and arguments that run `command` on this node. */
  command(command: readonly string[]): string[] {
    const processes = this.#options.ownsProcesses === true ? ["-p"] : [];
    return ["nsenter", "-t", String(this.pid), "-m", "-n", ...processes, "--", ...command];
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
    process.kill(this.pid, "SIGKILL");
    await gone;
  }
}
