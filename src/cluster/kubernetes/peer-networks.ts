/** The NodeNetworks of the other nodes, as a watch tells of them. */

import type { ApiObject } from "../../kubernetes/object.ts";
import type { ClusterNode } from "../nodes/node.ts";
import { valueText } from "../value-text.ts";
import { decodeNodeNetwork } from "./node-network.ts";

export class PeerNetworks {
  /** In the order of their first appearance. */
  readonly #nodes = new Map<string, ClusterNode>();
  readonly #problems = new Map<string, string>();
  #list: readonly ClusterNode[] | undefined;
  #isSynced = false;

  /** The same list as long as nothing changes. */
  get nodes(): readonly ClusterNode[] {
    this.#list ??= [...this.#nodes.values()];
    return this.#list;
  }

  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  /** All have been told of once. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** One that was never readable may be of any node. */
  get isComplete(): boolean {
    return this.#isSynced && [...this.#problems.keys()].every((name) => this.#nodes.has(name));
  }

  synced(): void {
    this.#isSynced = true;
  }

  /** What cannot be read is named, and counts as it was before. */
  put(object: ApiObject): void {
    const { name } = object.metadata;
    try {
      const node = decodeNodeNetwork(object);
      this.#problems.delete(name);
      if (valueText(node) === valueText(this.#nodes.get(name))) return;
      this.#nodes.set(name, node);
      this.#list = undefined;
    } catch (error) {
      this.#problems.set(name, error instanceof Error ? error.message : String(error));
    }
  }

  remove(name: string): void {
    this.#problems.delete(name);
    if (this.#nodes.delete(name)) this.#list = undefined;
  }
}
