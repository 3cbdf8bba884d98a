/** A real containerd with runc on a node of its own: it runs pods, and podwire is its network. */

import type { Node } from "../node/node.ts";
import { World } from "../traffic/traffic-world.ts";
import { cgroupOf, removeCgroup } from "./cgroup.ts";
import { ContainerdProcess, SOCKET } from "./containerd-process.ts";
import { CriClient } from "./cri/client.ts";
import { IMAGE, packImage } from "./image.ts";
import { conflist, installNetwork } from "./pod-network.ts";

/** What a pod asks for, beside its name. */
export interface PodWishes {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly container_port: number; readonly host_port: number }[];
}

export interface Sandbox {
  readonly id: string;
  readonly config: object;
}

export class Containerd {
  readonly world: World;
  readonly #cri: CriClient;
  readonly #cgroup: string;
  readonly #process: ContainerdProcess;

  private constructor(world: World) {
    this.world = world;
    this.#process = new ContainerdProcess(world.node);
    this.#cri = new CriClient(this.path(SOCKET));
    this.#cgroup = cgroupOf(world.node);
  }

  /** @param install puts the list of plugins and executables in place */
  static async create(install = (node: Node) => installNetwork(node, conflist())): Promise<Containerd> {
    const world = await World.create({ ownsProcesses: true });
    install(world.node);
    const containerd = new Containerd(world);
    await containerd.start();
    world.node.sh(`ctr --namespace k8s.io images import ${packImage(world.node)}`);
    return containerd;
  }

  get node(): Node {
    return this.world.node;
  }

  /** Returns when it answers. @throws with its log where it ends */
  start(): Promise<void> {
    return this.#process.start(() => this.#cri.call("Status", {}));
  }

  /** As a crash ends it: its pods live on. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  async runPod(name: string, { annotations = {}, ports = [] }: PodWishes = {}): Promise<Sandbox> {
    const config = {
      metadata: { name, uid: `uid-of-${name}`, namespace: "default" },
      hostname: name,
      annotations,
      port_mappings: ports,
      linux: { cgroup_parent: this.#cgroup },
    };
    const { pod_sandbox_id: id } = await this.#cri.call("RunPodSandbox", { config });
    return { id, config };
  }

  async stopPod(id: string): Promise<void> {
    await this.#cri.call("StopPodSandbox", { pod_sandbox_id: id });
  }

  /** Stopped before, as a kubelet does it. */
  async removePod(id: string): Promise<void> {
    await this.stopPod(id);
    await this.#cri.call("RemovePodSandbox", { pod_sandbox_id: id });
  }

  /** All pods that it knows of, at once. */
  async removeAll(): Promise<void> {
    const ids = await this.podIds();
    await Promise.all(ids.map((id) => this.removePod(id)));
  }

  /** IDs of all pods that it knows of. */
  async podIds(): Promise<string[]> {
    const { items } = await this.#cri.call("ListPodSandbox", {});
    return items.map(({ id }: Sandbox) => id);
  }

  /** A file of the node as this process reaches it. */
  path(path: string): string {
    return `/proc/${this.node.pid}/root${path}`;
  }

  /** As PodSandboxStatus gives them, the first one first. */
  async addressesOf({ id }: Sandbox): Promise<string[]> {
    const { status: found } = await this.#cri.call("PodSandboxStatus", { pod_sandbox_id: id });
    const { ip, additional_ips: others } = found.network;
    return [ip, ...others.map((other: { ip: string }) => other.ip)].filter((address) => address !== "");
  }

  /** Starts a container in the pod and gives its ID. */
  async startContainer({ id, config }: Sandbox, command: readonly string[]): Promise<string> {
    const container = { metadata: { name: "main" }, image: { image: IMAGE }, command };
    const request = { pod_sandbox_id: id, config: container, sandbox_config: config };
    const { container_id } = await this.#cri.call("CreateContainer", request);
    await this.#cri.call("StartContainer", { container_id });
    return container_id;
  }

  /** What a command in a container prints. */
  async exec(containerId: string, command: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.#cri.call("ExecSync", { container_id: containerId, cmd: command });
    return `${stdout}${stderr}`;
  }

  /** Names of the pods' veth ends on the node. */
  hostEnds(): string[] {
    const links: { ifname: string }[] = this.node.json("ip -j link show type veth master cni0");
    return links.map(({ ifname }) => ifname);
  }

  /** Names of the pods' network namespaces. */
  namespaces(): string[] {
    return this.node.sh("ls /run/netns").split("\n").filter(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cri.close();
    await this.world[Symbol.asyncDispose]();
    removeCgroup(this.#cgroup);
  }
}

/** `pod1` to `podN`. */
export function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `pod${index + 1}`);
}
