/** One side of a comparison: the same configurations through one plugin on a fresh node, and what is there then. */

import { Node, PODWIRE, REFERENCE_DIR } from "../support/node/node.ts";
import { type Facts, flatten, type Json, type Roles, rename } from "../support/reference/facts.ts";
import { observeFiles } from "../support/reference/file-facts.ts";
import { observeKernel } from "../support/reference/kernel-facts.ts";
import { type Generation, REFERENCES, referencePlugin } from "../support/reference/reference.ts";
import type { Ask, Case } from "./case.ts";

export type Plugin = "podwire" | Generation;

/** One attachment of the case with everything filled in. */
export interface Attachment {
  readonly pod: string;
  readonly ifname: string;
  readonly args: string | undefined;
  readonly conf: { readonly cniVersion: string };
}

export class Side {
  readonly node: Node;
  readonly #plugin: Plugin;
  readonly #text: string;

  private constructor(node: Node, plugin: Plugin, text: string) {
    this.node = node;
    this.#plugin = plugin;
    this.#text = text;
  }

  static async create(plugin: Plugin, scenario: Case): Promise<Side> {
    const node = await Node.create();
    const side = new Side(node, plugin, JSON.stringify(scenario));
    if (scenario.before !== undefined) node.sh(scenario.before);
    for (const pod of new Set(attachmentsOf(scenario).map((attachment) => attachment.pod))) node.addPod(pod);
    return side;
  }

  call(command: string, { pod, ifname, args, conf }: Attachment, prevResult?: unknown) {
    const isOurs = this.#plugin === "podwire";
    return this.node.cni({
      command,
      conf: prevResult === undefined ? conf : { ...conf, prevResult },
      containerId: pod,
      netns: `/run/netns/${pod}`,
      ifname,
      plugin: isOurs ? PODWIRE : referencePlugin(this.#plugin, "bridge"),
      env: { CNI_PATH: isOurs ? REFERENCE_DIR : REFERENCES[this.#plugin] },
      ...(args === undefined ? {} : { args }),
    });
  }

  /** Kernel and reservations; random names are called by their roles. */
  observe(attachments: readonly Attachment[]): { readonly facts: Facts; readonly roles: Roles } {
    const { facts, roles } = observeKernel(this.node, attachments, this.#text);
    return { facts: new Map([...facts, ...observeFiles(this.node)]), roles };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}

/** The attachments that a case asks for, in order. */
export function attachmentsOf(scenario: Case): Attachment[] {
  const base = { cniVersion: "1.0.0", name: "mynet", type: "bridge", ...scenario.conf };
  return (scenario.asks ?? [{}]).map((ask: Ask, index) => ({
    pod: ask.pod ?? `pod${index + 1}`,
    ifname: ask.ifname ?? "eth0",
    args: ask.args,
    conf: { ...base, ...ask.conf },
  }));
}

/** The facts of a document, for example a result; key order does not matter. */
export function documentFacts(path: string, document: Json, roles: Roles): Facts {
  return new Map(flatten(path, JSON.parse(rename(JSON.stringify(document), roles))));
}
