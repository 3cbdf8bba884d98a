/** The agent's part in a cluster, where its configuration asks for one: begun, changed and ended as the file says. */

import { dirname } from "node:path";
import { Cluster, type ClusterPods, type PodSettings } from "../cluster/cluster.ts";
import type { ClusterConfig, NodeOrigin } from "../cluster/config/config.ts";
import { decodeAgentConfig } from "../cluster/config/decode.ts";
import { NodeFiles } from "../cluster/sources/files.ts";
import { KubernetesNodes } from "../cluster/sources/kubernetes.ts";
import type { NodeSource } from "../cluster/sources/source.ts";
import { valueText } from "../cluster/value-text.ts";
import type { Access } from "../kubernetes/access.ts";
import { exists, readTextFileIfAny } from "../linux/file.ts";
import { DirectoryWatch } from "../node/directory-watch.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** Where the configuration is, and who this node is. */
export interface ClusterPlaces {
  /** The agent's configuration; there may be none. */
  readonly file: string;
  /** Of this node. */
  readonly name: string;
  /** Where `nodes` is. */
  readonly configDir: string;
  /** Of podwire. */
  readonly version: string;
  /** How the Kubernetes API is reached. @throws {InvalidAccess} */
  access(): Promise<Access>;
}

/** What the file says now. */
interface Reading {
  readonly config: ClusterConfig | undefined;
  readonly problem?: string;
}

export class ClusterKeeper {
  readonly #places: ClusterPlaces;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #changed: () => void;
  #reading: Reading;
  #watch: DirectoryWatch | undefined;
  #cluster: Cluster | undefined;
  /** Of the cluster that was joined. */
  #origin: NodeOrigin | undefined;
  #pods: PodSettings | undefined;

  /** `changed`: the settings of new pods have changed. */
  constructor(places: ClusterPlaces, logger: Logger, metrics: Metrics, changed: () => void) {
    this.#places = places;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#changed = changed;
    this.#reading = read(places.file, undefined);
    metrics.followApi(() => this.#cluster?.api);
  }

  /** Settings of this node's pods; undefined: the node is in no cluster. */
  get pods(): ClusterPods | undefined {
    // A configuration that cannot be read may be one of a cluster: nothing is said of pods until it can.
    const isIn = this.#reading.config !== undefined || this.#reading.problem !== undefined;
    return isIn ? (this.#pods ?? "awaited") : undefined;
  }

  /** Undefined where all is well. */
  get problem(): string | undefined {
    return this.#reading.problem ?? this.#cluster?.problem;
  }

  /** Begins, and follows the file from now on. */
  start(): void {
    const { file } = this.#places;
    const directory = dirname(file);
    if (exists(directory)) this.#watch = new DirectoryWatch([directory], () => this.#reread());
    if (this.#reading.problem !== undefined) this.#logger.error({ problem: this.#reading.problem }, file);
    this.#follow();
  }

  /** Everything stays in place. */
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#cluster?.[Symbol.dispose]();
  }

  #reread(): void {
    const before = this.#reading;
    this.#reading = read(this.#places.file, before.config);
    const { config, problem } = this.#reading;
    if (problem !== undefined && problem !== before.problem)
      this.#logger.error({ problem }, "the configuration cannot be followed: the last good one goes on");
    if (valueText(config) !== valueText(before.config)) this.#follow();
  }

  #follow(): void {
    const { config } = this.#reading;
    if (config === undefined) this.#leave();
    else if (this.#cluster === undefined) this.#join(config);
    else if (config.nodes === this.#origin) this.#cluster.configure(config);
    else {
      this.#cluster[Symbol.dispose]();
      this.#join(config);
    }
  }

  #join(config: ClusterConfig): void {
    const { name } = this.#places;
    this.#origin = config.nodes;
    this.#logger.info({ node: name, nodes: config.nodes, transport: config.transport }, "joins the cluster");
    this.#cluster = new Cluster({
      name,
      config,
      log: this.#logger,
      source: (changed) => this.#openSource(config.nodes, changed),
      ready: (pods) => {
        this.#pods = pods;
        this.#changed();
      },
      ended: (round, seconds) => this.#metrics.countRound(round, seconds),
    });
  }

  #openSource(origin: NodeOrigin, changed: () => void): NodeSource {
    const { name, configDir, version, access } = this.#places;
    if (origin === "files") return new NodeFiles(configDir, name, changed);
    const report = (error: unknown) => this.#logger.warn(error as Error, "an event could not be told"); // `as`: what is thrown is an Error
    return new KubernetesNodes({ name, access, client: { version }, changed, report });
  }

  /** Routes and tunnels stay: pods use them. */
  #leave(): void {
    if (this.#cluster === undefined) return;
    this.#cluster[Symbol.dispose]();
    this.#cluster = undefined;
    this.#logger.info({}, "no cluster any more; routes and tunnels stay until podwire uninstall");
  }
}

/** True where the agent's configuration asks for a cluster, or cannot be read. */
export function hasCluster(file: string): boolean {
  const { config, problem } = read(file, undefined);
  return config !== undefined || problem !== undefined;
}

function read(file: string, before: ClusterConfig | undefined): Reading {
  try {
    const text = readTextFileIfAny(file);
    return { config: text === undefined ? undefined : decodeAgentConfig(file, text) };
  } catch (error) {
    return { config: before, problem: error instanceof Error ? error.message : String(error) };
  }
}
