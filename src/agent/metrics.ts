/** What Prometheus is told: calls as they happened, and the node's stock at the moment of asking. */

import type { Counter, Histogram, Registry } from "prom-client";
import { parseAddress } from "../addr/address.ts";
import { listRecords } from "../attachment/record/list.ts";
import type { Round } from "../cluster/reconcile.ts";
import type { ApiState } from "../cluster/sources/source.ts";
import { SYSFS } from "../linux/sysfs.ts";
import { listReserved } from "../network/usage.ts";
import type { Places } from "../node/garbage.ts";
import { freeOf, type SetUsage, usageOfPool } from "../node/pool-usage.ts";
import { listPools } from "../node/pools.ts";
import type { JournalEntry } from "../plugin/journal.ts";
import { CLAIMS_ROOT, listClaims } from "../sriov/claims.ts";
import { listPfs, listVfAddresses } from "../sriov/sysfs.ts";
import { ClusterMetrics } from "./cluster-metrics.ts";

/** Seconds: a call takes 10 to 30 ms; ten seconds is how long one waits for a lock. */
const BUCKETS = [0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Address plugins have codes of their own: a series for each of them, within bounds. */
const LARGEST_CODE = 1000;

type Prometheus = typeof import("prom-client");

/** Where networks by name are, and the runtime's configurations. */
type PoolPlaces = Pick<Places, "configDir" | "confDir">;

export class Metrics {
  readonly #registry: Registry;
  readonly #calls: Counter<"verb" | "code">;
  readonly #durations: Histogram<"verb">;
  readonly #rules: Counter<"result">;
  readonly #checks: Counter;
  readonly #garbage: Counter<"result">;
  readonly #cluster: ClusterMetrics;

  private constructor(prometheus: Prometheus, places: PoolPlaces) {
    this.#registry = new prometheus.Registry();
    const registers = [this.#registry];
    this.#calls = new prometheus.Counter({
      name: "podwire_calls_total",
      help: "Plugin calls by verb and code of the error document; code 0 went well.",
      labelNames: ["verb", "code"],
      registers,
    });
    this.#durations = new prometheus.Histogram({
      name: "podwire_call_duration_seconds",
      help: "Duration of plugin calls.",
      labelNames: ["verb"],
      buckets: BUCKETS,
      registers,
    });
    this.#checks = new prometheus.Counter({
      name: "podwire_rule_checks_total",
      help: "Looks at the rules of all attachments.",
      registers,
    });
    this.#rules = new prometheus.Counter({
      name: "podwire_rules_restored_total",
      help: "Attachments with missing rules, by result: restored or failed.",
      labelNames: ["result"],
      registers,
    });
    this.#garbage = new prometheus.Counter({
      name: "podwire_leftovers_total",
      help: "Leftovers of dead pods by result: removed or failed.",
      labelNames: ["result"],
      registers,
    });
    this.#cluster = new ClusterMetrics(prometheus, registers);
    this.#addStock(prometheus, places);
  }

  static async create(places: PoolPlaces): Promise<Metrics> {
    return new Metrics(await import("prom-client"), places); // the other commands do without
  }

  count({ verb, code, ms }: JournalEntry): void {
    this.#calls.inc({ verb, code: code >= 0 && code < LARGEST_CODE ? String(code) : "other" });
    this.#durations.observe({ verb }, ms / 1000);
  }

  /** One look at the rules: attachments whose rules came back, and those whose did not. */
  countRules(restored: number, failed: number): void {
    this.#checks.inc();
    this.#rules.inc({ result: "restored" }, restored);
    this.#rules.inc({ result: "failed" }, failed);
  }

  countGarbage(removed: number, failed: number): void {
    this.#garbage.inc({ result: "removed" }, removed);
    this.#garbage.inc({ result: "failed" }, failed);
  }

  /** One look at nodes and kernel. */
  countRound(round: Round, seconds: number): void {
    this.#cluster.count(round, seconds);
  }

  /** Where the state of the cluster's API is read. */
  followApi(readApi: () => ApiState | undefined): void {
    this.#cluster.follow(readApi);
  }

  /** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  async render(): Promise<{ type: string; text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #addStock({ Gauge }: Prometheus, places: PoolPlaces): void {
    const registers = [this.#registry];
    new Gauge({
      name: "podwire_attachments",
      help: "Attachments of pods by network and kind.",
      labelNames: ["network", "kind"],
      registers,
      collect() {
        this.reset();
        for (const { network, named, kind } of listRecords())
          this.inc({ network: named?.name ?? network, kind });
      },
    });
    new Gauge({
      name: "podwire_addresses",
      help: "Addresses by network, family and state.",
      labelNames: ["network", "family", "state"],
      registers,
      collect() {
        this.reset();
        for (const { network, family, total, used } of countAddresses(places)) {
          if (total === undefined) continue; // of no configuration
          this.inc({ network, family: `ipv${family}`, state: "used" }, used);
          this.inc({ network, family: `ipv${family}`, state: "free" }, Number(freeOf(total, used)));
        }
      },
    });
    new Gauge({
      name: "podwire_virtual_functions",
      help: "Virtual functions by physical function and state.",
      labelNames: ["pf", "state"],
      registers,
      collect() {
        this.reset();
        for (const { pf, used, free } of countVfs()) {
          this.set({ pf, state: "used" }, used);
          this.set({ pf, state: "free" }, free);
        }
      },
    });
  }
}

function countAddresses({ configDir, confDir }: PoolPlaces): SetUsage[] {
  return listPools(configDir, confDir).flatMap((pool) => {
    const reserved = listReserved(pool.dataDir, pool.network);
    return usageOfPool(
      pool,
      reserved.flatMap((name) => parseAddress(name) ?? []),
    );
  });
}

function countVfs(): { pf: string; used: number; free: number }[] {
  const claims = listClaims(CLAIMS_ROOT);
  return listPfs(SYSFS).map((pf) => {
    const used = listVfAddresses(SYSFS, pf).filter((address) => claims.has(address)).length;
    return { pf: pf.ifname, used, free: pf.numVfs - used };
  });
}
