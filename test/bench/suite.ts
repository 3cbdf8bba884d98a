/** The suites of the benchmark, each with nodes of its own. */

import { defaultDirectories, otherBuilds, podwire, ptp, references } from "./contestant.ts";
import { FLOOR } from "./floor.ts";
import type { Row } from "./in-turn.ts";
import { measureAll } from "./measure.ts";
import { measureNetworks } from "./networks/measure.ts";
import { createCrowded, createNamed, createPlain } from "./networks/site.ts";
import { missedNetworkTargets } from "./networks/targets.ts";
import { ADDRESSES, NETWORKS } from "./networks/titles.ts";
import { Site } from "./site.ts";
import type { Summary } from "./summary.ts";
import { missedTargets } from "./targets.ts";
import { trafficContestants } from "./traffic/contestant.ts";
import { HOW_CROWDS_ARE_MADE } from "./traffic/crowd.ts";
import { measureTraffic } from "./traffic/measure.ts";
import { TrafficSite } from "./traffic/site.ts";
import { missedTrafficTargets } from "./traffic/targets.ts";
import { CROWDS, VARIANTS } from "./traffic/titles.ts";

export interface SuiteOptions {
  readonly rounds: number;
  readonly isQuick: boolean;
  /** Of reference plugins; default: the suite's own. */
  readonly directories?: readonly string[];
  /** Other executables of podwire, in the place of reference plugins. */
  readonly others?: readonly string[];
  readonly progress: (text: string) => void;
}

export interface Suite {
  /** What a reader of its numbers has to know. */
  readonly note?: string;
  readonly measure: (options: SuiteOptions) => Promise<Row[]>;
  /** One line for each target that is missed. */
  readonly missed: (summaries: readonly Summary[]) => string[];
}

export const SUITES: Readonly<Record<string, Suite>> = {
  bridge: { measure: measureBridge, missed: missedTargets },
  traffic: { note: HOW_CROWDS_ARE_MADE, measure: measureFullChain, missed: missedTrafficTargets },
  networks: { measure: measureNamed, missed: missedNetworkTargets },
};

async function measureBridge({ rounds, progress, ...options }: SuiteOptions): Promise<Row[]> {
  const { others, directories = defaultDirectories() } = options;
  const rivals = others === undefined ? references(directories) : otherBuilds(others);
  const sites: Site[] = [];
  const all: Site[] = [];
  using _ = abandonOnSignal(all);
  await using stack = new AsyncDisposableStack();
  for (const contestant of [podwire, ptp, ...rivals]) sites.push(stack.use(await Site.create(contestant)));
  const floor = stack.use(await Site.create({ name: FLOOR, programs: [] }));
  all.push(...sites, floor);
  return await measureAll({ sites, floor, rounds, crowds: [1, 100, 500, 1000], atOnce: 50, progress });
}

async function measureFullChain({ rounds, isQuick, progress, ...options }: SuiteOptions): Promise<Row[]> {
  const sites: TrafficSite[] = [];
  using _ = abandonOnSignal(sites);
  await using stack = new AsyncDisposableStack();
  // The last one is the newest: older ones are slower, and fifty of their calls at once take minutes.
  const { others, directories = defaultDirectories().slice(-1) } = options;
  const contestants =
    others === undefined ? trafficContestants(directories) : [podwire, ...otherBuilds(others)];
  for (const contestant of contestants) sites.push(stack.use(await TrafficSite.create(contestant)));
  const plan = isQuick ? quickPlan(rounds) : wholePlan(rounds);
  return await measureTraffic({ ...plan, sites, progress });
}

async function measureNamed({ rounds, progress }: SuiteOptions): Promise<Row[]> {
  const all: Site[] = [];
  using _ = abandonOnSignal(all);
  await using stack = new AsyncDisposableStack();
  const named = stack.use(await createNamed());
  const plain = stack.use(await createPlain());
  const crowded = stack.use(await createCrowded(NETWORKS, ADDRESSES));
  all.push(named, plain, crowded);
  return await measureNetworks({ sites: [named, plain], crowded, rounds, progress });
}

function wholePlan(rounds: number) {
  return {
    rounds,
    crowds: CROWDS,
    roundsAtOnce: Math.min(rounds, 3),
    variantsAtOnce: () => VARIANTS,
  };
}

function quickPlan(rounds: number) {
  return {
    rounds: Math.ceil(rounds / 2),
    crowds: [1, 100],
    roundsAtOnce: 1,
    variantsAtOnce: (crowd: number) => (crowd === 1 ? VARIANTS.slice(0, 1) : []),
  };
}

/** Until disposed, a signal leaves nothing of `sites` behind. */
function abandonOnSignal(sites: readonly { abandon(): void }[]): Disposable {
  const abandon = () => {
    for (const site of sites) {
      try {
        site.abandon();
      } catch {
        // safe: a signal to the whole process group ends parts of it too
      }
    }
    process.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, abandon);
  return {
    [Symbol.dispose]() {
      for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, abandon);
    },
  };
}
