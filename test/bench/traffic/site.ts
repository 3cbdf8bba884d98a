/** One contestant's own node, and the full chain as a runtime would run it there. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Caller, type Command, type Cost } from "../../support/measure/caller.ts";
import { FreshCopy } from "../../support/measure/fresh-copy.ts";
import { Node } from "../../support/node/node.ts";
import { together } from "../cost.ts";
import type { TrafficContestant } from "./contestant.ts";
import { crowdStagesOf, type Pod, type Stage, stagesOf } from "./stages.ts";

export type Verb = "ADD" | "DEL";

interface Result {
  readonly ips: readonly { readonly address: string }[];
}

export class TrafficSite {
  readonly contestant: TrafficContestant;
  readonly node: Node;
  readonly caller: Caller;
  readonly #copy: FreshCopy;
  readonly #programs = mkdtempSync(join(tmpdir(), "podwire-bench-"));
  /** Results of ADD by pod, which DEL gets as prevResult. */
  readonly #results = new Map<string, Result>();

  private constructor(contestant: TrafficContestant, node: Node) {
    this.contestant = contestant;
    this.node = node;
    this.caller = Caller.create(node);
    this.#copy = new FreshCopy(contestant.programs);
    for (const name of ["chain", "connections"]) {
      const source = resolve(import.meta.dirname, `${name}.c`);
      execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", this.program(name), source]);
    }
  }

  static async create(contestant: TrafficContestant): Promise<TrafficSite> {
    return new TrafficSite(contestant, await Node.create());
  }

  /** Path of one of this directory's C programs. */
  program(name: string): string {
    return join(this.#programs, name);
  }

  /** The chain for one pod, timed from the first plugin's start to the last one's end. */
  async call(verb: Verb, pod: Pod): Promise<Cost> {
    return together(...(await this.#run(verb, [pod], stagesOf)));
  }

  /** The chains for all pods at once. */
  async callAtOnce(verb: Verb, pods: readonly Pod[]): Promise<Cost> {
    return together(...(await this.#run(verb, pods, stagesOf)));
  }

  /** Attaches pods of a crowd, all at once. */
  async addCrowd(pods: readonly Pod[]): Promise<void> {
    await this.#run("ADD", pods, crowdStagesOf);
  }

  /** The address that ADD gave. */
  addressOf({ id }: Pod): string {
    const address = this.#results.get(id)?.ips[0]?.address;
    if (address === undefined) throw new Error(`${this.contestant.name}: ${id} has no address`);
    return address.replace(/\/.*/, "");
  }

  async #run(verb: Verb, pods: readonly Pod[], stages: typeof stagesOf): Promise<[readonly Cost[], number]> {
    const commands = pods.map((pod) => this.#command(verb, pod, stages(this.contestant, pod)));
    const { costs } = await this.caller.runAtOnce(commands);
    const spans = costs.map((cost, i) => this.#span(verb, pods[i]?.id ?? "", cost));
    const started = Math.min(...spans.map((span) => span.startedNs));
    const ended = Math.max(...spans.map((span) => span.endedNs));
    return [costs, (ended - started) / 1e6];
  }

  #command(verb: Verb, { id }: Pod, stages: readonly Stage[]): Command {
    const prevResult = verb === "ADD" ? undefined : this.#results.get(id);
    const order = verb === "ADD" ? stages : stages.toReversed();
    return {
      argv: [this.program("chain"), ...order.map(({ program }) => this.#copy.path(program))],
      env: {
        PATH: process.env.PATH ?? "",
        CNI_COMMAND: verb,
        CNI_CONTAINERID: id,
        CNI_NETNS: `/run/netns/${id}`,
        CNI_IFNAME: "eth0",
        CNI_PATH: this.#copy.directory,
      },
      input: order.map(({ conf }) => `${JSON.stringify({ ...conf, prevResult })}\0`).join(""),
    };
  }

  #span(verb: Verb, id: string, { exitCode, stdout }: Cost) {
    const [times = "", ...rest] = stdout.split("\n");
    const output = rest.join("\n");
    if (exitCode !== 0)
      throw new Error(`${this.contestant.name}: ${verb} ${id}: exit ${exitCode}: ${output}`);
    if (verb === "ADD") this.#results.set(id, JSON.parse(output));
    const [startedNs = 0, endedNs = 0] = times.split(" ").map(Number);
    return { startedNs, endedNs };
  }

  /** Like disposal, but at once, in the middle of a call. */
  abandon(): void {
    const parts = [
      () => this.#forget(),
      () => this.caller.abandon(),
      () => process.kill(this.node.pid, "SIGKILL"),
    ];
    for (const part of parts) {
      try {
        part();
      } catch {
        // safe: a signal to the whole process group ends parts of it too
      }
    }
  }

  #forget(): void {
    this.#copy[Symbol.dispose]();
    rmSync(this.#programs, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    await this.caller[Symbol.asyncDispose]();
    await this.node[Symbol.asyncDispose]();
  }
}
