/** The agent of a node: keeps what was installed and pods' rules in place, removes leftovers, tells how the node does. */

import { watch } from "node:fs";
import { basename } from "node:path";
import { RECORD_ROOT } from "../attachment/record/store.ts";
import type { ClusterPods } from "../cluster/cluster.ts";
import { DirectoryWatch } from "../node/directory-watch.ts";
import { JOURNAL } from "../plugin/journal.ts";
import { requireAlone } from "./alone.ts";
import { ClusterKeeper, type ClusterPlaces } from "./cluster-keeper.ts";
import { Collector, type CollectorOptions } from "./collector.ts";
import { JournalReader } from "./journal-reader.ts";
import { createLogger, type Logger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { RuleKeeper } from "./rule-keeper.ts";
import { type Listen, serve } from "./server.ts";

export interface AgentOptions extends CollectorOptions {
  readonly listen: Listen;
  /** Restores missing rules of pods. */
  readonly repair: boolean;
  /** Changes in them call for `install`. */
  readonly directories: readonly string[];
  /** How this node takes part in a cluster, if it does. */
  readonly cluster: ClusterPlaces;
  /** Puts everything in place; gives what it changed. `pods`: their settings where the node is in a cluster. */
  install(pods: ClusterPods | undefined): readonly { readonly path: string; readonly action: string }[];
  /** Settles when the agent is to end. */
  readonly end: Promise<string>;
}

/** Returns when it was told to end; everything stays in place. @throws what the first installation throws */
export async function runAgent(options: AgentOptions): Promise<void> {
  using _alone = requireAlone();
  const logger = await createLogger();
  const metrics = await Metrics.create(options);
  using _collector = new Collector(options, logger, metrics);
  using _rules = options.repair ? keepRules(logger, metrics) : undefined;
  using journal = new JournalReader();
  const count = () => {
    for (const entry of journal.read()) metrics.count(entry);
  };
  const journalWatch = watch(RECORD_ROOT, (_event, name) => name === basename(JOURNAL) && count());
  let problem: string | undefined;
  // Before the first installation, so that no change after it is missed.
  using cluster = new ClusterKeeper(options.cluster, logger, metrics, () => {
    problem = keep(options, cluster.pods, logger);
  });
  using _watch = new DirectoryWatch(options.directories, () => {
    problem = keep(options, cluster.pods, logger);
  });
  report(options.install(cluster.pods), logger);
  cluster.start();
  using server = serve(options.listen, {
    problem: () => problem ?? cluster.problem,
    metrics: () => {
      count();
      return metrics.render();
    },
  });
  logger.info({ url: server.url }, "ready");
  logger.info({ signal: await options.end }, "ends; everything stays in place");
  journalWatch.close();
}

/** Where rules cannot be watched, as on a kernel without nf_tables, the agent does all else. */
function keepRules(logger: Logger, metrics: Metrics): Disposable | undefined {
  try {
    return new RuleKeeper(logger, metrics);
  } catch (error) {
    logger.error(error, "rules cannot be watched");
    return undefined;
  }
}

function report(changes: ReturnType<AgentOptions["install"]>, logger: Logger): void {
  for (const change of changes) logger.info(change, change.action);
}

/** @returns what is wrong, undefined where all is in place */
function keep({ install }: AgentOptions, pods: ClusterPods | undefined, logger: Logger): string | undefined {
  try {
    report(
      install(pods).filter(({ action }) => action !== "unchanged"),
      logger,
    );
    return undefined;
  } catch (error) {
    logger.error(error, "could not be kept in place");
    return error instanceof Error ? error.message : String(error);
  }
}
