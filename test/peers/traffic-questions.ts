/** Who asks whom in a comparison of traffic, and the answers: all questions at once. */

import { spawn } from "node:child_process";
import type { Fact, Facts } from "../support/reference/facts.ts";
import { trafficTool } from "../support/traffic/traffic.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, type World } from "../support/traffic/traffic-world.ts";

export interface Question {
  /** `node`, `outside`, or the name of a pod. */
  readonly from: string;
  /** `tcp 192.168.50.1 8080` */
  readonly target: string;
}

/** A second address of the node. */
export const OTHER4 = "192.0.2.7";
/** An answer comes at once, or after the second that TCP waits to repeat what got lost. */
const TIMEOUT_MS = "3000";

/** One port of the node, by each of its addresses: the gateway's from pods alone, loopback from the node alone. */
export function questionsAt(port: string): Question[] {
  const [protocol, number] = port.split(" ");
  const at = (froms: readonly string[], addresses: readonly string[]) =>
    froms.flatMap((from) =>
      addresses.map((address) => ({ from, target: `${protocol} ${address} ${number}` })),
    );
  return [
    ...at(["outside", "node", "c1", "c2", "d1"], [NODE4, NODE6, OTHER4]),
    ...at(["c2", "d1"], ["10.1.0.1", "fd00:1::1"]),
    ...at(["node"], ["127.0.0.1", "::1"]),
  ];
}

/** What needs no host port: pods among each other, from the node, and to the host outside. */
export function directQuestions(pods: readonly { pod: string; address: string }[]): Question[] {
  const toPods = pods.flatMap(({ pod, address }) =>
    ["c1", "c2", "d1", "node"]
      .filter((from) => from !== pod)
      .map((from) => ({ from, target: `tcp ${address} 80` })),
  );
  const toOutside = ["c1", "c2", "d1"].flatMap((from) =>
    [OUTSIDE4, OUTSIDE6].map((address) => ({ from, target: `tcp ${address} 80` })),
  );
  return [...toPods, ...toOutside];
}

/** Who answered, and which source address it saw: `c2 → tcp 192.168.50.1 8080` to `c1 10.1.0.1`. */
export async function askAll(world: World, questions: readonly Question[]): Promise<Facts> {
  const facts = questions.map(async (question): Promise<Fact> => {
    return [`${question.from} → ${question.target}`, await ask(world, question)];
  });
  return new Map(await Promise.all(facts));
}

async function ask({ node, outside }: World, { from, target }: Question): Promise<string> {
  const words = [trafficTool(), "connect", ...target.split(" "), TIMEOUT_MS, "any", "0"];
  const isPod = from !== "node" && from !== "outside";
  const command = isPod ? ["nsenter", `--net=/run/netns/${from}`, "--", ...words] : words;
  const [file = "", ...args] = (from === "outside" ? outside : node).command(command);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  return (await new Response(child.stdout).text()).trim();
}
