/** Nodes of a cluster whose nodes come from the Kubernetes API: a real API server at the router's address on `lan`. */

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ApiServer } from "../kubernetes/api-server.ts";
import type { Agent } from "../node/agent.ts";
import { ClusterBed, configure, type LinkName, type Member, startAgent } from "./lan.ts";

const API_ADDRESS = "192.168.1.254";

export class KubernetesBed {
  readonly bed: ClusterBed;
  readonly server: ApiServer;
  readonly #tokens = new Map<string, string>();

  private constructor(bed: ClusterBed, server: ApiServer) {
    this.bed = bed;
    this.server = server;
  }

  /** With `conf` applied, as its users do. */
  static async create(): Promise<KubernetesBed> {
    const bed = await ClusterBed.create();
    const server = await ApiServer.start({
      address: API_ADDRESS,
      enter: (command) => bed.router.command(command),
    });
    const created = new KubernetesBed(bed, server);
    server.kubectl("apply", "-k", resolve("conf"));
    server.kubectl("wait", "--for=condition=Established", "crd", "-l", "app.kubernetes.io/name=podwire");
    return created;
  }

  get members(): readonly Member[] {
    return this.bed.members;
  }

  /** A node, and its Node object as kubelet and controller-manager make it. */
  async join(link: LinkName = "lan", changes: NodeChanges = {}): Promise<Member> {
    const member = await this.bed.join(link);
    this.register(member, changes);
    return member;
  }

  register(
    { name, document }: Pick<Member, "name" | "document">,
    { podCIDRs = document.ranges, addresses = document.addresses }: NodeChanges = {},
  ) {
    const [podCIDR] = podCIDRs;
    const spec = podCIDR === undefined ? {} : { podCIDR, podCIDRs };
    this.apply({ apiVersion: "v1", kind: "Node", metadata: { name }, spec });
    this.patchStatus(name, {
      addresses: addresses.map((address) => ({ type: "InternalIP", address })),
      conditions: [{ type: "NetworkUnavailable", status: "True", reason: "NoRouteCreated", message: "" }],
    });
  }

  apply(object: object): void {
    this.server.kubectl("apply", "--server-side", "-f", this.file(object));
  }

  patchStatus(name: string, status: object): void {
    this.server.kubectl("patch", "node", name, "--subresource=status", "-p", JSON.stringify({ status }));
  }

  /** What the API has. */
  get(...words: readonly string[]) {
    return JSON.parse(this.server.kubectl("get", ...words, "-o", "json"));
  }

  /** As the pod of the DaemonSet on the node has it. */
  token(name: string): string {
    const bound = ["--bound-object-kind", "Node", "--bound-object-name", name];
    const known = this.#tokens.get(name);
    const token =
      known ?? this.server.kubectl("create", "token", "podwire", "-n", "podwire-system", ...bound).trim();
    this.#tokens.set(name, token);
    return token;
  }

  /** What the API answers to the node's account; bodies of PATCH are merge patches. */
  ask(name: string, { method, path, body }: { method: string; path: string; body: object }): string {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const headers = [`Authorization: Bearer ${this.token(name)}`, `Content-Type: ${type}`];
    const { stdout } = this.bed.router.run([
      ...["curl", "-s", "--cacert", join(this.server.directory, "ca.crt"), "-X", method],
      ...headers.flatMap((header) => ["-H", header]),
      ...(method === "GET" ? [] : ["-d", JSON.stringify(body)]),
      `${this.server.url}${path}`,
    ]);
    return stdout;
  }

  kubeconfig(name: string): string {
    return this.server.kubeconfig({ token: this.token(name) }, `${name}.conf`);
  }

  /** The agent of a node by `cluster` of its configuration; returns once pods can be started. */
  async start(member: Member, cluster: object = {}): Promise<Agent> {
    const agent = await this.launch(member, cluster);
    await agent.said(({ msg }) => msg === "ready for pods");
    return agent;
  }

  /** The same, whether pods can be started or not. */
  launch(member: Member, cluster: object = {}): Promise<Agent> {
    configure(member, { nodes: "kubernetes", ...cluster });
    return startAgent(member, "--kubeconfig", this.kubeconfig(member.name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.bed[Symbol.asyncDispose]();
  }

  /** Path of a file with the object. */
  file(object: object): string {
    const path = join(this.server.directory, "object.json");
    writeFileSync(path, JSON.stringify(object));
    return path;
  }
}

/** In place of what the node's document says. */
export interface NodeChanges {
  readonly podCIDRs?: readonly string[];
  readonly addresses?: readonly string[];
}
