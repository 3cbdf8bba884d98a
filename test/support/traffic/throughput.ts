/** How fast TCP gets from one namespace of a node to another: real bytes through real queues. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { compiled } from "../build/compile.ts";
import type { Node } from "../node/node.ts";

export interface Flow {
  /** Name of a pod, or `node` for the node's own namespace. */
  readonly from: string;
  readonly to: string;
  /** Where `to` is; default: the node of `from`. */
  readonly at?: Node;
  /** Address of `to`. */
  readonly address: string;
  /** What may go at once, in bytes: passed over before the count begins. */
  readonly lead?: number;
  readonly port?: number;
}

const WINDOW_MS = 2000;
const PORT = 5001;
const LEAD = 256 * 1024;

/** Path of the tool. */
export const throughputTool = () => compiled("traffic/throughput");

/** Bits a second of payload that one connection gets through. @throws where there is no connection */
export async function throughputOf(node: Node, flow: Flow): Promise<number> {
  const { from, to, at = node, address, lead = LEAD, port = PORT } = flow;
  const receiver = start(at, to, ["receive", port, lead, WINDOW_MS]);
  const lines = linesOf(receiver);
  if ((await lines.next()).value !== "ready") throw new Error(`nobody listens at ${address}`);
  const sender = start(node, from, ["send", address, port]);
  const isOver = once(sender, "close").then(([exitCode]) => {
    if (exitCode !== 0) receiver.kill("SIGKILL");
  });
  const { value } = await lines.next();
  await isOver;
  if (value === undefined) throw new Error(`no connection to ${address}`);
  return Number(value);
}

/** Both of two directions, or two pods, at once. */
export function throughputsOf(node: Node, flows: readonly Flow[]): Promise<number[]> {
  return Promise.all(flows.map((flow, index) => throughputOf(node, { ...flow, port: PORT + index })));
}

function start(node: Node, place: string, words: readonly (string | number)[]): ChildProcess {
  const enter = place === "node" ? [] : ["nsenter", `--net=/run/netns/${place}`, "--"];
  const [file = "", ...args] = node.command([...enter, throughputTool(), ...words.map(String)]);
  return spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
}

async function* linesOf({ stdout }: ChildProcess): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const chunk of stdout ?? []) {
    text += String(chunk);
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
