/** What is measured of the full chain, in which order. */

import { inTurn, type Row, type Step } from "../in-turn.ts";
import { Connections } from "./connections.ts";
import { addNamespaces, becomeQuiet, crowdPod, growCrowd } from "./crowd.ts";
import type { TrafficSite, Verb } from "./site.ts";
import type { Pod } from "./stages.ts";
import { AT_ONCE, callTitle, connectionsTitle, VARIANTS, type Variant } from "./titles.ts";

export interface TrafficPlan {
  readonly sites: readonly TrafficSite[];
  readonly rounds: number;
  /** Numbers of pods that are there when others come and go, ascending. */
  readonly crowds: readonly number[];
  readonly roundsAtOnce: number;
  /** Which variants come and go at once beside a crowd: the reference takes seconds for each. */
  readonly variantsAtOnce: (crowd: number) => readonly Variant[];
  readonly progress: (text: string) => void;
}

const CONNECTIONS = 2000;

export async function measureTraffic(plan: TrafficPlan): Promise<Row[]> {
  const { sites, crowds, progress } = plan;
  for (const site of sites) addNamespaces(site, [single("host port"), ...burst("host port")]);
  const rows: Row[] = [];
  for (const [i, crowd] of crowds.entries()) {
    progress(`traffic: up to ${crowd} pods`);
    for (const site of sites) await growCrowd(site, crowds[i - 1] ?? 0, crowd);
    for (const site of sites) await becomeQuiet(site);
    rows.push(...(await measureCrowd(plan, crowd)));
  }
  const crowd = crowds.at(-1) ?? 0;
  return [...rows, ...(await measureConnections(plan, crowd))];
}

async function measureCrowd(plan: TrafficPlan, crowd: number): Promise<Row[]> {
  const { sites, rounds, roundsAtOnce, progress } = plan;
  const rows: Row[] = [];
  for (const variant of VARIANTS) {
    progress(`traffic: ${variant}: ${rounds} rounds`);
    const step = (verb: Verb): Step<TrafficSite> => ({
      title: callTitle(variant, verb, crowd),
      run: (site) => site.call(verb, single(variant)),
    });
    rows.push(...(await inTurn(rounds, sites, [step("ADD"), step("DEL")])));
  }
  for (const variant of plan.variantsAtOnce(crowd)) {
    progress(`traffic: ${variant}, ${AT_ONCE} at once: ${roundsAtOnce} rounds`);
    const step = (verb: Verb): Step<TrafficSite> => ({
      title: callTitle(variant, `${AT_ONCE} ${verb}s at once`, crowd),
      run: (site) => site.callAtOnce(verb, burst(variant)),
    });
    rows.push(...(await inTurn(roundsAtOnce, sites, [step("ADD"), step("DEL")], "warm")));
  }
  return rows;
}

async function measureConnections({ sites, rounds, progress }: TrafficPlan, crowd: number): Promise<Row[]> {
  progress(`traffic: connections, with ${crowd} pods: ${rounds} rounds of ${CONNECTIONS}`);
  await using stack = new AsyncDisposableStack();
  // The middle one of the crowd: rules that are looked at one by one cost it as much as they cost on average.
  const pod = crowdPod(Math.floor(crowd / 2));
  const places = new Map<TrafficSite, Connections>();
  for (const site of sites) places.set(site, stack.use(await Connections.create(site, pod)));
  const step: Step<TrafficSite> = {
    title: connectionsTitle(crowd),
    count: CONNECTIONS,
    run: (site) => places.get(site)?.open(CONNECTIONS),
  };
  return await inTurn(rounds, sites, [step]);
}

function single(variant: Variant): Pod {
  return { id: "pod", network: "traffic", hostPort: 30_000, isShaped: variant !== "host port" };
}

function burst(variant: Variant): Pod[] {
  const { network, isShaped } = single(variant);
  return Array.from({ length: AT_ONCE }, (_, i) => ({
    id: `burst${i}`,
    network,
    hostPort: 20_000 + i,
    isShaped,
  }));
}
