/** One contestant's own node with the caller on it, and the plugin calls that a runtime would make there. */

import { Caller, type Command, type Cost } from "../support/measure/caller.ts";
import { FreshCopy } from "../support/measure/fresh-copy.ts";
import { Node } from "../support/node/node.ts";
import type { Contestant } from "./contestant.ts";
import { together } from "./cost.ts";

export type Verb = "ADD" | "CHECK" | "DEL";

export class Site {
  readonly contestant: Contestant;
  readonly node: Node;
  readonly caller: Caller;
  readonly #copy: FreshCopy;
  /** Results of ADD by network and pod, which CHECK and DEL get as prevResult. */
  readonly #results = new Map<string, unknown>();

  private constructor(contestant: Contestant, node: Node) {
    this.contestant = contestant;
    this.node = node;
    this.caller = Caller.create(node);
    this.#copy = new FreshCopy(contestant.programs);
  }

  static async create(contestant: Contestant): Promise<Site> {
    return new Site(contestant, await Node.create());
  }

  async version(): Promise<Cost> {
    const input = JSON.stringify({ cniVersion: "1.0.0" });
    const cost = await this.caller.run({
      argv: this.#argv,
      env: { CNI_COMMAND: "VERSION" },
      input,
    });
    return this.#succeeded("VERSION", "", cost);
  }

  /** The command line, as a person would call it. */
  async command(args: readonly string[]): Promise<Cost> {
    const env = { PATH: process.env.PATH ?? "" };
    return this.#succeeded(
      args.join(" "),
      "",
      await this.caller.run({ argv: [...this.#argv, ...args], env }),
    );
  }

  async call(verb: Verb, conf: { readonly name: string }, pod: string): Promise<Cost> {
    const cost = await this.caller.run(this.#request(verb, conf, pod));
    return this.#keep(verb, conf, pod, cost);
  }

  /** The same call for every pod at once; as one cost. */
  async callAtOnce(verb: Verb, conf: { readonly name: string }, pods: readonly string[]): Promise<Cost> {
    const { wallMs, costs } = await this.caller.runAtOnce(pods.map((pod) => this.#request(verb, conf, pod)));
    for (const [i, cost] of costs.entries()) this.#keep(verb, conf, pods[i] ?? "", cost);
    return together(costs, wallMs);
  }

  get #argv(): string[] {
    return this.contestant.programs.slice(0, 1).map((program) => this.#copy.path(program));
  }

  #request(verb: Verb, conf: { readonly name: string }, pod: string): Command {
    const prevResult = verb === "ADD" ? undefined : this.#results.get(`${conf.name} ${pod}`);
    return {
      argv: this.#argv,
      env: {
        PATH: process.env.PATH ?? "",
        CNI_COMMAND: verb,
        CNI_CONTAINERID: pod,
        CNI_NETNS: `/run/netns/${pod}`,
        CNI_IFNAME: "eth0",
        CNI_PATH: this.#copy.directory,
      },
      input: JSON.stringify({ ...conf, ...this.contestant.fields, prevResult }),
    };
  }

  #keep(verb: Verb, conf: { readonly name: string }, pod: string, cost: Cost): Cost {
    this.#succeeded(verb, pod, cost);
    if (verb === "ADD") this.#results.set(`${conf.name} ${pod}`, JSON.parse(cost.stdout));
    return cost;
  }

  #succeeded(verb: string, pod: string, cost: Cost): Cost {
    if (cost.exitCode === 0) return cost;
    throw new Error(`${this.contestant.name}: ${verb} ${pod}: exit ${cost.exitCode}: ${cost.stdout}`);
  }

  /** Like disposal, but at once, in the middle of a call. */
  abandon(): void {
    this.#copy[Symbol.dispose]();
    this.caller.abandon();
    process.kill(this.node.pid, "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#copy[Symbol.dispose]();
    await this.caller[Symbol.asyncDispose]();
    await this.node[Symbol.asyncDispose]();
  }
}
