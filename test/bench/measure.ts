/** What is measured, in which order. */

import { floorAdd, floorDel, prepareFloor } from "./floor.ts";
import { inTurn, type Row, type Step } from "./in-turn.ts";
import { dualStack, ipv4, type Network } from "./network.ts";
import type { Site, Verb } from "./site.ts";

export interface Plan {
  /** Of the contestants. */
  readonly sites: readonly Site[];
  readonly floor: Site;
  readonly rounds: number;
  /** Numbers of pods that are there when one more comes and goes, ascending. */
  readonly crowds: readonly number[];
  readonly atOnce: number;
  readonly progress: (text: string) => void;
}

const POD = "pod";

export async function measureAll(plan: Plan): Promise<Row[]> {
  const { sites, floor, rounds, progress } = plan;
  for (const { node } of [...sites, floor]) node.addPod(POD);
  progress(`VERSION: ${rounds} rounds`);
  const rows = await inTurn(rounds, sites, [{ title: "VERSION", run: (site) => site.version() }]);
  for (const network of [ipv4, dualStack]) {
    progress(`${network.title}: ${rounds} rounds`);
    rows.push(...(await measureNetwork(plan, network)));
  }
  rows.push(...(await measureAtOnce(plan)));
  for (const [i, crowd] of plan.crowds.entries()) {
    rows.push(...(await measureCrowd(plan, plan.crowds[i - 1] ?? 0, crowd)));
  }
  return rows;
}

function measureNetwork({ sites, floor, rounds }: Plan, network: Network): Promise<Row[]> {
  prepareFloor(floor, network);
  const step = (verb: Verb): Step<Site> => ({
    title: `${verb}, ${network.title}`,
    run: (site) => {
      if (site !== floor) return site.call(verb, network.conf, POD);
      if (verb === "CHECK") return undefined;
      return verb === "ADD" ? floorAdd(floor, network, POD) : floorDel(floor);
    },
  });
  return inTurn(rounds, [...sites, floor], [step("ADD"), step("CHECK"), step("DEL")]);
}

function measureAtOnce({ sites, rounds, atOnce, progress }: Plan): Promise<Row[]> {
  const few = Math.max(3, Math.ceil(rounds / 8));
  progress(`${atOnce} at once: ${few} rounds`);
  const pods = names("burst", 0, atOnce);
  for (const { node } of sites) addPods(node, pods);
  const step = (verb: Verb): Step<Site> => ({
    title: `${atOnce} ${verb}s at once`,
    run: (site) => site.callAtOnce(verb, ipv4.conf, pods),
  });
  return inTurn(few, sites, [step("ADD"), step("DEL")]);
}

/** Fills the network from `present` pods up to `crowd`, then measures one more. */
async function measureCrowd(
  { sites, rounds, progress }: Plan,
  present: number,
  crowd: number,
): Promise<Row[]> {
  progress(`with ${crowd} pods: ${rounds} rounds`);
  const conf = { ...ipv4.conf, name: "crowd", bridge: "crowd" };
  const pods = names("crowd", present, crowd);
  for (const site of sites) {
    addPods(site.node, pods);
    for (const pod of pods) await site.call("ADD", conf, pod);
  }
  const step = (verb: Verb): Step<Site> => ({
    title: `${verb} with ${crowd} ${crowd === 1 ? "pod" : "pods"}`,
    run: (site) => site.call(verb, conf, POD),
  });
  return inTurn(rounds, sites, [step("ADD"), step("DEL")]);
}

function names(stem: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `${stem}${from + i}`);
}

function addPods(node: Site["node"], pods: readonly string[]): void {
  node.sh(`for pod in ${pods.join(" ")}; do ip netns add $pod; done`);
}
