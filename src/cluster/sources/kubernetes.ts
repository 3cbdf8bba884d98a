/** Nodes in the Kubernetes API: this one's Node object, and the NodeNetwork of each. */

import type { Access } from "../../kubernetes/access.ts";
import { ApiClient, type ClientOptions } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/error.ts";
import type { ApiObject, Identity } from "../../kubernetes/object.ts";
import { PACE, pause, pauseMs } from "../../kubernetes/pace.ts";
import { type ResourceWatch, watchResource } from "../../kubernetes/watch.ts";
import { NodeEvents } from "../kubernetes/node-events.ts";
import { NODE_NETWORKS } from "../kubernetes/node-network.ts";
import { type KubernetesNode, NODES_PATH, toKubernetesNode } from "../kubernetes/node-object.ts";
import { PeerNetworks } from "../kubernetes/peer-networks.ts";
import { Publisher } from "../kubernetes/publisher.ts";
import { type ClusterNode, macOfName } from "../nodes/node.ts";
import { valueText } from "../value-text.ts";
import type { ApiState, NodeSource, NodeView, OwnState } from "./source.ts";

export interface KubernetesOptions {
  /** Of this node. */
  readonly name: string;
  /** How the API server is reached; asked for again until it succeeds. */
  access(): Promise<Access>;
  readonly client?: ClientOptions;
  /** There is another view. */
  changed(): void;
  report(error: unknown): void;
  /** Milliseconds before a failing watch is told; the API server is restarted now and then. */
  readonly graceMs?: number;
  /** Milliseconds before a problem is an event on the Node. */
  readonly lastingMs?: number;
}

const GRACE_MS = 15_000;

/** What there is once the API server's place is known. */
interface Connection {
  /** URL of the API server. */
  readonly server: string;
  readonly publisher: Publisher;
  readonly events: NodeEvents;
  readonly watches: Readonly<Record<"nodes" | "nodenetworks", ResourceWatch>>;
}

/** A watch that fails, since when. */
interface Failure {
  readonly message: string;
  readonly since: number;
}

export class KubernetesNodes implements NodeSource {
  readonly #options: KubernetesOptions;
  readonly #ending = new AbortController();
  readonly #peers: PeerNetworks;
  readonly #failures = new Map<string, Failure>();
  #graceTimer: NodeJS.Timeout | undefined;
  #connection: Connection | undefined;
  #accessProblem: string | undefined;
  /** Undefined: not known; null: there is no such Node. */
  #node: KubernetesNode | null | undefined;
  #own: ClusterNode | undefined;

  constructor(options: KubernetesOptions) {
    this.#options = options;
    this.#peers = new PeerNetworks();
    void this.#connect();
  }

  view(): NodeView {
    return {
      own: this.#own,
      isOwnDerived: true,
      peers: this.#peers.nodes,
      isSynced: this.#isSynced,
      isComplete: this.#peers.isComplete && this.#node !== undefined,
      problems: [...this.#missing(), ...(this.#connection?.publisher.problems ?? [])],
      warnings: [...this.#peers.problems, ...this.#lags()],
    };
  }

  publish({ node, isReady, problems }: OwnState): void {
    this.#connection?.publisher.publish({ node, isReady });
    this.#connection?.events.tell(problems);
  }

  get api(): ApiState | undefined {
    if (this.#connection === undefined) return undefined;
    const { server, watches } = this.#connection;
    const states = Object.entries(watches).map(([resource, { isLagging, lastEventAt }]) => ({
      resource,
      isLagging,
      lastEventAt,
    }));
    return { server, watches: states };
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
    clearTimeout(this.#graceTimer);
    if (this.#connection === undefined) return;
    const { publisher, events, watches } = this.#connection;
    for (const part of [publisher, events, watches.nodes, watches.nodenetworks]) part[Symbol.dispose]();
  }

  /** A service account's files may come later than the agent. */
  async #connect(): Promise<void> {
    const { access, client } = this.#options;
    const { signal } = this.#ending;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const found = await access();
        this.#accessProblem = undefined;
        if (!signal.aborted) this.#connection = this.#open(found.server, new ApiClient(found, client));
        return;
      } catch (error) {
        this.#accessProblem = messageOf(error);
        this.#options.changed();
        await pause(pauseMs(failures, { ...PACE, ...client?.pace }), signal);
      }
    }
  }

  #open(server: string, client: ApiClient): Connection {
    const { name, changed, report, lastingMs } = this.#options;
    const publisher = new Publisher(client, changed);
    const events = new NodeEvents(client, report, lastingMs);
    const nodes = watchResource(
      client,
      { path: NODES_PATH, fieldSelector: `metadata.name=${name}` },
      {
        ...this.#following("nodes"),
        put: (object) => {
          this.#connection?.publisher.see(object);
          this.#seeNode(toKubernetesNode(object));
        },
        remove: (identity) => {
          this.#connection?.publisher.forget(identity);
          this.#seeNode(null);
        },
        synced: () => {
          if (this.#node === undefined) this.#seeNode(null);
        },
      },
    );
    const nodenetworks = watchResource(
      client,
      { path: NODE_NETWORKS },
      {
        ...this.#following("nodenetworks"),
        put: (object) => this.#seeNetwork(object),
        remove: (identity) => this.#forgetNetwork(identity),
        synced: () => {
          this.#peers.synced();
          changed();
        },
      },
    );
    return { server, publisher, events, watches: { nodes, nodenetworks } };
  }

  #following(resource: string) {
    const { changed, graceMs = GRACE_MS } = this.#options;
    return {
      problem: (error: Error) => {
        const since = this.#failures.get(resource)?.since ?? Date.now();
        this.#failures.set(resource, {
          message: `watch of ${resource}: ${messageOf(error)}${adviceOn(error)}`,
          since,
        });
        clearTimeout(this.#graceTimer);
        this.#graceTimer = setTimeout(changed, graceMs);
      },
      recovered: () => {
        this.#failures.delete(resource);
        changed();
      },
    };
  }

  #seeNode(node: KubernetesNode | null): void {
    if (valueText(node) === valueText(this.#node)) return;
    const { name, changed } = this.#options;
    this.#node = node;
    const present = node ?? undefined;
    if (this.#connection !== undefined)
      this.#connection.events.subject = present && { name, uid: present.uid };
    // A Node that is gone has pods still: what is known of it counts until it is there again.
    if (present !== undefined)
      this.#become({ name, addresses: present.addresses, ranges: present.podCidrs, mac: macOfName(name) });
    changed();
  }

  #become(own: ClusterNode): void {
    if (valueText(own) !== valueText(this.#own)) this.#own = own;
  }

  #seeNetwork(object: ApiObject): void {
    if (object.metadata.name === this.#options.name) this.#connection?.publisher.seeNetwork(object);
    else {
      this.#peers.put(object);
      this.#options.changed();
    }
  }

  #forgetNetwork(identity: Identity): void {
    if (identity.name === this.#options.name) this.#connection?.publisher.forgetNetwork(identity);
    else {
      this.#peers.remove(identity.name);
      this.#options.changed();
    }
  }

  #missing(): string[] {
    const { name } = this.#options;
    if (this.#accessProblem !== undefined) return [this.#accessProblem];
    if (this.#node === null)
      return [
        `the Kubernetes API has no Node "${name}": is it the name that kubelet registers (--node-name)?`,
      ];
    if (this.#node?.podCidrs.length === 0)
      return [
        `Node "${name}" has no podCIDRs: start kube-controller-manager with --allocate-node-cidrs and --cluster-cidr (kubeadm: networking.podSubnet)`,
      ];
    return [];
  }

  get #isSynced(): boolean {
    return this.#peers.isSynced && this.#node !== undefined;
  }

  #lags(): string[] {
    const { graceMs = GRACE_MS } = this.#options;
    const oldest = this.#isSynced ? Date.now() - graceMs : Number.POSITIVE_INFINITY;
    return [...this.#failures.values()].filter(({ since }) => since <= oldest).map(({ message }) => message);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function adviceOn(error: Error): string {
  return error instanceof ApiError && error.status === 404
    ? " (are the custom resources installed? kubectl apply -k conf)"
    : "";
}
