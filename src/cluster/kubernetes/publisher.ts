/** Tells the API of this node: its NodeNetwork for the other nodes, and the condition that lets pods come. */

import type { ApiClient } from "../../kubernetes/client.ts";
import { type ApiObject, type Identity, toApiObject } from "../../kubernetes/object.ts";
import type { ClusterNode } from "../nodes/node.ts";
import { Latest } from "./latest.ts";
import { Loop } from "./loop.ts";
import { encodeNodeNetwork, nodeNetworkPath, saysNode } from "./node-network.ts";
import { type KubernetesNode, nodePath, toKubernetesNode } from "./node-object.ts";

/** What is to be told. */
export interface Publication {
  readonly node: ClusterNode;
  /** Its pods can be started. */
  readonly isReady: boolean;
}

export class Publisher {
  readonly #client: ApiClient;
  readonly #object = new Latest();
  readonly #network = new Latest();
  readonly #loops: readonly Loop[];
  readonly #problems = new Map<string, string>();
  readonly #changed: () => void;
  #wanted: Publication | undefined;

  /** `changed`: there are other problems. */
  constructor(client: ApiClient, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
    this.#loops = [
      this.#loop("NodeNetwork", {
        isReached: () => this.#isNetworkTold(),
        approach: () => this.#tellNetwork(),
      }),
      this.#loop("condition NetworkUnavailable", {
        isReached: () => this.#wanted?.isReady !== true || (this.#node?.isNetworkAvailable ?? true),
        approach: () => this.#tellCondition(),
      }),
    ];
  }

  /** What could not be told, for people. */
  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  /** The Node object of this node has changed. */
  see(object: ApiObject): void {
    this.#object.put(object);
    this.#wake();
  }

  forget({ uid }: Identity): void {
    this.#object.remove(uid);
  }

  /** The NodeNetwork of this node has changed. */
  seeNetwork(network: ApiObject): void {
    this.#network.put(network);
    this.#wake();
  }

  forgetNetwork({ uid }: Identity): void {
    this.#network.remove(uid);
    this.#wake();
  }

  publish(wanted: Publication): void {
    this.#wanted = wanted;
    this.#wake();
  }

  [Symbol.dispose](): void {
    for (const loop of this.#loops) loop[Symbol.dispose]();
  }

  get #node(): KubernetesNode | undefined {
    return this.#object.object && toKubernetesNode(this.#object.object);
  }

  #wake(): void {
    for (const loop of this.#loops) loop.wake();
  }

  #loop(what: string, goal: { isReached(): boolean; approach(): Promise<void> }): Loop {
    const failed = (error: Error | undefined) => this.#note(what, error);
    return new Loop({ ...goal, failed }, this.#client.pace);
  }

  #note(what: string, error: Error | undefined): void {
    const before = this.#problems.get(what);
    if (error === undefined) this.#problems.delete(what);
    else this.#problems.set(what, `${what} of this node: ${error.message}`);
    if (this.#problems.get(what) !== before) this.#changed();
  }

  #isNetworkTold(): boolean {
    const [object, network] = [this.#object.object, this.#network.object];
    const node = this.#wanted?.node;
    if (object === undefined || node === undefined) return true;
    return network !== undefined && saysNode(network, node, object.metadata);
  }

  async #tellNetwork(): Promise<void> {
    const { object } = this.#object;
    const node = this.#wanted?.node;
    if (object === undefined || node === undefined) return;
    const document = encodeNodeNetwork(node, object.metadata);
    this.#network.put(await this.#client.apply(nodeNetworkPath(node.name), document));
  }

  async #tellCondition(): Promise<void> {
    const name = this.#wanted?.node.name;
    if (name === undefined) return;
    const now = new Date().toISOString();
    const condition = {
      type: "NetworkUnavailable",
      status: "False",
      reason: "PodwireIsReady",
      message: "podwire has joined this node to the cluster",
      lastTransitionTime: now,
      lastHeartbeatTime: now,
    };
    const object = toApiObject(
      await this.#client.request({
        method: "PATCH",
        path: nodePath(name, "status"),
        contentType: "application/strategic-merge-patch+json",
        body: { status: { conditions: [condition] } },
      }),
    );
    if (object !== undefined) this.#object.put(object);
  }
}
