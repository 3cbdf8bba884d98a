/** What the agent counts of the cluster; nothing is shown where the node is in none. */

import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Round } from "../cluster/reconcile.ts";
import type { ApiState } from "../cluster/sources/source.ts";

type Prometheus = typeof import("prom-client");

/** Seconds: one node more takes a few milliseconds, a thousand at the start some tenths. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export class ClusterMetrics {
  readonly #peers: Gauge<"state">;
  readonly #problems: Gauge;
  readonly #changes: Counter;
  readonly #failures: Counter;
  readonly #durations: Histogram;
  #readApi: () => ApiState | undefined = () => undefined;

  constructor(prometheus: Prometheus, registers: Registry[]) {
    const { Counter, Gauge, Histogram } = prometheus;
    this.#peers = new Gauge({
      name: "podwire_cluster_peers",
      help: "Other nodes of the cluster by state: ready or problem.",
      labelNames: ["state"],
      registers,
    });
    this.#problems = new Gauge({
      name: "podwire_cluster_problems",
      help: "What keeps this node from its part in the cluster; 0: nothing.",
      registers,
    });
    this.#changes = new Counter({
      name: "podwire_cluster_changes_total",
      help: "Routes, neighbours and forwarding entries put into the kernel, replaced or removed.",
      registers,
    });
    this.#failures = new Counter({
      name: "podwire_cluster_failures_total",
      help: "Changes that the kernel refused; each is tried again.",
      registers,
    });
    this.#durations = new Histogram({
      name: "podwire_cluster_round_duration_seconds",
      help: "Duration of a look at nodes and kernel, with the changes that it led to.",
      buckets: BUCKETS,
      registers,
    });
    this.#addWatches(prometheus, registers);
  }

  /** The watches of the API are read from there when somebody asks. */
  follow(readApi: () => ApiState | undefined): void {
    this.#readApi = readApi;
  }

  count({ plan, changes, problems, failures }: Round, seconds: number): void {
    const peers = plan?.peers ?? [];
    const troubled = peers.filter((peer) => peer.problems.length > 0).length;
    this.#peers.set({ state: "ready" }, peers.length - troubled);
    this.#peers.set({ state: "problem" }, troubled);
    this.#problems.set(problems.length + failures.length);
    this.#changes.inc(changes);
    this.#failures.inc(failures.length);
    this.#durations.observe(seconds);
  }

  #addWatches({ Gauge }: Prometheus, registers: Registry[]): void {
    const watches = () => this.#readApi()?.watches ?? [];
    new Gauge({
      name: "podwire_cluster_watch_lagging",
      help: "Watches of the Kubernetes API by resource: 1 where there may be something newer, 0 where not.",
      labelNames: ["resource"],
      registers,
      collect() {
        this.reset();
        for (const { resource, isLagging } of watches()) this.set({ resource }, isLagging ? 1 : 0);
      },
    });
    new Gauge({
      name: "podwire_cluster_watch_last_event_timestamp_seconds",
      help: "When a watch of the Kubernetes API brought its last event or sign of life, by resource.",
      labelNames: ["resource"],
      registers,
      collect() {
        this.reset();
        for (const { resource, lastEventAt } of watches())
          if (lastEventAt !== undefined) this.set({ resource }, lastEventAt / 1000);
      },
    });
  }
}
