/** The source of nodes at a fake API server, and what is done to its objects. */

import { formatAddress } from "../../../src/addr/address.ts";
import { formatPrefix } from "../../../src/addr/prefix.ts";
import { KubernetesNodes, type KubernetesOptions } from "../../../src/cluster/sources/kubernetes.ts";
import type { NodeView } from "../../../src/cluster/sources/source.ts";
import type { FakeApiServer } from "../kubernetes/fake-api-server.ts";
import { accessTo } from "../kubernetes/fake-client.ts";
import { parsePath } from "../kubernetes/fake-path.ts";

const NODES = "/api/v1/nodes";
export const NETWORKS = "/apis/podwire.io/v1alpha1/nodenetworks";

export class SourceBed {
  readonly server: FakeApiServer;
  readonly source: KubernetesNodes;
  readonly reports: unknown[] = [];
  /** How often there was another view. */
  changes = 0;
  readonly #waiting = new Set<() => void>();

  /** Node `a` is the source's own. */
  constructor(server: FakeApiServer, options: Partial<KubernetesOptions> = {}) {
    this.server = server;
    this.source = new KubernetesNodes({
      name: "a",
      access: async () => accessTo(server),
      client: { pace: { firstPauseMs: 2, longestPauseMs: 20 } },
      changed: () => {
        this.changes += 1;
        for (const resolve of this.#waiting) resolve();
        this.#waiting.clear();
      },
      report: (error) => this.reports.push(error),
      graceMs: 0,
      ...options,
    });
  }

  /** Resolves once the view is so. */
  async until(isSo: (view: NodeView) => boolean): Promise<NodeView> {
    for (;;) {
      const view = this.source.view();
      if (isSo(view)) return view;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
    }
  }

  [Symbol.dispose](): void {
    this.source[Symbol.dispose]();
  }
}

/** This node as `address range range`, or what is told in its place. */
export function ownText({ own }: NodeView): string {
  if (own === undefined) return "unknown";
  return [...own.addresses.map(formatAddress), ...own.ranges.map(formatPrefix)].join(" ");
}

export function peersText({ peers }: NodeView): string {
  return peers.map(({ name, ranges }) => `${name} ${ranges.map(formatPrefix).join(",")}`).join("; ");
}

export interface NodeFields {
  readonly addresses?: readonly string[];
  readonly podCIDRs?: readonly string[];
  readonly conditions?: readonly object[];
}

/** The Node object as kubelet and controller-manager make it. */
export function putKubeNode(
  { store }: FakeApiServer,
  name: string,
  { addresses = ["192.168.1.11"], podCIDRs = ["10.244.1.0/24"], conditions = [] }: NodeFields = {},
): void {
  const path = pathTo(`${NODES}/${name}`);
  const status = { addresses: addresses.map((address) => ({ type: "InternalIP", address })), conditions };
  const spec = podCIDRs.length === 0 ? {} : { podCIDR: podCIDRs[0], podCIDRs };
  const body = { apiVersion: "v1", kind: "Node", metadata: { name }, spec, status };
  if (store.list(path.collection).some(({ metadata }) => metadata.name === name)) {
    store.replace(path, { ...body, metadata: {} });
    store.patch(pathTo(`${NODES}/${name}/status`), { status });
  } else store.create(path, body);
}

export function removeKubeNode({ store }: FakeApiServer, name: string): void {
  store.delete(pathTo(`${NODES}/${name}`), undefined);
}

export function kubeNode({ store }: FakeApiServer, name: string) {
  return store.get(pathTo(`${NODES}/${name}`));
}

export function putNetwork({ store }: FakeApiServer, name: string, spec: object): void {
  store.patch(pathTo(`${NETWORKS}/${name}`), { metadata: {}, spec }, { creates: true });
}

export function removeNetwork({ store }: FakeApiServer, name: string): void {
  store.delete(pathTo(`${NETWORKS}/${name}`), undefined);
}

export function network({ store }: FakeApiServer, name: string) {
  return store.list(pathTo(NETWORKS).collection).find(({ metadata }) => metadata.name === name);
}

function pathTo(path: string) {
  const parsed = parsePath(path);
  if (parsed === undefined) throw new Error(path);
  return parsed;
}
