/** `podwire release`: takes an attachment or an address from whoever has it. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, PLUGIN_DIR_OPTION, YES_OPTION } from "../options.ts";
import type { ReleaseOptions } from "./run.ts";

export const RELEASE: Command<ReleaseOptions, [name: string]> = {
  name: "release",
  summary: "remove an attachment or free an address",
  description: paragraphs(`Removes an attachment, as its DEL would, or frees an address.

If an attachment has the address, the whole attachment is removed. Refused while
the pod's network namespace exists or an interface has the address: the pod would
lose its network, or two pods would get the same address.`),
  arguments: [{ term: "<name>", values: "addresses or attachments" }],
  options: [
    {
      flags: "-n, --network",
      value: "<name>",
      values: "pools",
      description: "the network of the address, where several have it",
    },
    { flags: "-f, --force", description: "even if the pod is alive" },
    YES_OPTION,
    PLUGIN_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    ["podwire release 10.244.1.17", "asks first"],
    ["podwire release shop/cart-0 --yes", "every interface of the pod"],
    ["podwire release 10.244.1.17 --network podwire --force", "even if a live pod has it"],
  ],
  exitStatus: { 0: "done", 1: "refused or failed", 2: "called with wrong arguments" },
  run: async (call) => (await import("./run.ts")).runRelease(call),
};
