/** A real podman with its CNI back end on a node of its own. */

import { writeFile } from "../node/commands.ts";
import type { Node } from "../node/node.ts";
import { World } from "../traffic/traffic-world.ts";
import { cgroupOf, removeCgroup } from "./cgroup.ts";
import { IMAGE, packImage } from "./image.ts";
import { conflist, installNetwork, NETWORKS, PLUGINS } from "./pod-network.ts";

/** Everything in file systems of the node's own. The machine may not raise limits. */
const FILES = {
  "containers.conf": `
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]
[network]
network_backend = "cni"
cni_plugin_dirs = ["${PLUGINS}"]
network_config_dir = "${NETWORKS}"
default_network = "pods"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
`,
  "storage.conf": `
[storage]
driver = "overlay"
graphroot = "/run/podman/storage"
runroot = "/run/podman/run"
`,
  "policy.json": { default: [{ type: "insecureAcceptAnything" }] },
};

export class Podman {
  readonly world: World;
  readonly #cgroup: string;

  private constructor(world: World) {
    this.world = world;
    this.#cgroup = cgroupOf(world.node);
  }

  static async create(): Promise<Podman> {
    const world = await World.create({ ownsProcesses: true });
    const { node } = world;
    installNetwork(node, conflist());
    // Its locks are in shared memory.
    node.sh("for directory in /dev/shm /etc/containers; do mount -t tmpfs tmpfs $directory; done");
    for (const [name, content] of Object.entries(FILES)) writeFile(node, `/etc/containers/${name}`, content);
    const podman = new Podman(world);
    podman.call(["load", "--quiet", "--input", packImage(node)]);
    return podman;
  }

  get node(): Node {
    return this.world.node;
  }

  /** Standard output without its last line end. @throws where it fails */
  call(words: readonly string[]): string {
    const { exitCode, stdout, stderr } = this.node.run(["podman", ...words]);
    if (exitCode !== 0) throw new Error(`podman ${words.join(" ")}: exit ${exitCode}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  /** Starts a container; `options` are those of `podman run`. */
  run(name: string, options: readonly string[] = [], command: readonly string[] = []): void {
    const own = ["--detach", "--name", name, "--hostname", name, "--cgroup-parent", this.#cgroup];
    this.call(["run", ...own, ...options, IMAGE, ...command]);
  }

  /** What a command in a container prints. */
  exec(name: string, command: readonly string[]): string {
    return this.call(["exec", name, ...command]);
  }

  /** As `podman inspect` gives them. */
  addressesOf(name: string): string[] {
    const { IPAddress, GlobalIPv6Address } = JSON.parse(this.call(["inspect", name]))[0].NetworkSettings;
    return [IPAddress, GlobalIPv6Address];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    removeCgroup(this.#cgroup);
  }
}
