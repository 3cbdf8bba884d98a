/** The agent of a node: keeps what was installed in place, tidies up once, and tells how the node does. */

import { watch } from "node:fs";
import { basename } from "node:path";
import { openSockets } from "../attachment/del.ts";
import { JOURNAL } from "../attachment/journal.ts";
import * as named from "../attachment/late.ts";
import { RECORD_ROOT } from "../attachment/record.ts";
import { collectGarbage } from "../node/collect.ts";
import { findGarbage } from "../node/garbage.ts";
import { readNodeFacts } from "../node/holders.ts";
import { listPools } from "../node/pools.ts";
import { JournalReader } from "./journal-reader.ts";
import { createLogger, type Logger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { type Listen, serve } from "./server.ts";
import { FolderWatch } from "./watch.ts";

export interface AgentOptions {
  /** Where networks by name are. */
  readonly configDir: string;
  /** Folders of plugins that may have given addresses. */
  readonly path: readonly string[];
  readonly listen: Listen;
  /** Changes in them call for `install`. */
  readonly folders: readonly string[];
  /** Puts everything in place; gives what it changed. */
  install(): readonly { readonly path: string; readonly action: string }[];
  /** Settles when the agent is to end. */
  readonly end: Promise<string>;
}

/** Returns when it was told to end; everything stays in place. @throws what the first installation throws */
export async function runAgent(options: AgentOptions): Promise<void> {
  const logger = await createLogger();
  tidy(options, logger);
  const metrics = await Metrics.create(options.configDir);
  using journal = new JournalReader();
  const count = () => {
    for (const entry of journal.read()) metrics.count(entry);
  };
  const journalWatch = watch(RECORD_ROOT, (_event, name) => name === basename(JOURNAL) && count());
  let problem: string | undefined;
  // Before the first installation, so that no change after it is missed.
  using _watch = new FolderWatch(options.folders, () => {
    problem = keep(options, logger);
  });
  report(options.install(), logger);
  using server = serve(options.listen, {
    problem: () => problem,
    metrics: () => {
      count();
      return metrics.render();
    },
  });
  logger.info({ url: server.url }, "ready");
  logger.info({ signal: await options.end }, "ends; everything stays in place");
  journalWatch.close();
}

/** Whatever it meets, pods can be started and stopped: the agent goes on. */
function tidy({ configDir, path }: AgentOptions, logger: Logger): void {
  const output = { report: (line: string) => logger.warn(line), trace: undefined, named };
  try {
    using sockets = openSockets(output);
    const garbage = findGarbage({ sockets, folders: listPools(configDir), facts: readNodeFacts() });
    const collecting = { ...output, sockets, path, configDir };
    for (const { problem, ...collected } of collectGarbage(garbage, collecting)) {
      if (problem === undefined) logger.info(collected, "cleaned up");
      else logger.error({ ...collected, problem }, "could not be cleaned up");
    }
  } catch (error) {
    logger.error(error, "what dead pods left could not be found");
  }
}

function report(changes: ReturnType<AgentOptions["install"]>, logger: Logger): void {
  for (const change of changes) logger.info(change, change.action);
}

/** @returns what is wrong, undefined where all is in place */
function keep({ install }: AgentOptions, logger: Logger): string | undefined {
  try {
    report(
      install().filter(({ action }) => action !== "unchanged"),
      logger,
    );
    return undefined;
  } catch (error) {
    logger.error(error, "could not be kept in place");
    return error instanceof Error ? error.message : String(error);
  }
}
