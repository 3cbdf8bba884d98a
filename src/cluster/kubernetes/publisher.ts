/** Tells the API of this node: its NodeNetwork for the other nodes, and the condition that lets pods come. */

import type { ApiClient } from "../../kubernetes/client.ts";
import type { ApiObject } from "../../kubernetes/object.ts";
import type { ClusterNode } from "../nodes/node.ts";
import { Loop } from "./loop.ts";
import { encodeNodeNetwork, nodeNetworkPath, saysNode } from "./node-network.ts";
import { type KubernetesNode, nodePath } from "./node-object.ts";

/** What is to be told. */
export interface Publication {
  readonly node: ClusterNode;
  /** Its pods can be started. */
  readonly isReady: boolean;
}

/** What the API has, as far as it is known. */
interface Present {
  object: KubernetesNode | undefined;
  network: ApiObject | undefined;
}

export class Publisher {
  readonly #client: ApiClient;
  readonly #present: Present = { object: undefined, network: undefined };
  readonly #network: Loop;
  readonly #condition: Loop;
  readonly #problems = new Map<string, string>();
  readonly #changed: () => void;
  #wanted: Publication | undefined;

  /** `changed`: there are other problems. */
  constructor(client: ApiClient, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
    this.#network = this.#loop("NodeNetwork", {
      isReached: () => this.#isNetworkTold(),
      approach: () => this.#tellNetwork(),
    });
    this.#condition = this.#loop("condition NetworkUnavailable", {
      isReached: () => this.#wanted?.isReady !== true || (this.#present.object?.isNetworkAvailable ?? true),
      approach: () => this.#tellCondition(),
    });
  }

  /** What could not be told, for people. */
  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  /** The Node object of this node, as it is now. */
  seeNode(object: KubernetesNode | undefined): void {
    this.#present.object = object;
    this.#wake();
  }

  /** The NodeNetwork of this node, as it is now. */
  seeNetwork(network: ApiObject | undefined): void {
    this.#present.network = network;
    this.#wake();
  }

  publish(wanted: Publication): void {
    this.#wanted = wanted;
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.#network[Symbol.dispose]();
    this.#condition[Symbol.dispose]();
  }

  #wake(): void {
    this.#network.wake();
    this.#condition.wake();
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
    const { object, network } = this.#present;
    const node = this.#wanted?.node;
    if (object === undefined || node === undefined) return true;
    return network !== undefined && saysNode(network, node, object);
  }

  async #tellNetwork(): Promise<void> {
    const { object } = this.#present;
    const node = this.#wanted?.node;
    if (object === undefined || node === undefined) return;
    const network = await this.#client.apply(nodeNetworkPath(node.name), encodeNodeNetwork(node, object));
    this.#present.network = network;
  }

  async #tellCondition(): Promise<void> {
    const { object } = this.#present;
    const name = this.#wanted?.node.name;
    if (object === undefined || name === undefined) return;
    const now = new Date().toISOString();
    const condition = {
      type: "NetworkUnavailable",
      status: "False",
      reason: "PodwireIsReady",
      message: "podwire has joined this node to the cluster",
      lastTransitionTime: now,
      lastHeartbeatTime: now,
    };
    await this.#client.request({
      method: "PATCH",
      path: nodePath(name, "status"),
      contentType: "application/strategic-merge-patch+json",
      body: { status: { conditions: [condition] } },
    });
    this.#present.object = { ...object, isNetworkAvailable: true };
  }
}
