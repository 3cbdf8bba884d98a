/** `podwire attachments` and `podwire attachment`: the interfaces of pods. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";
import type { ListOptions } from "./list.ts";

export const ATTACHMENTS: Command<ListOptions> = {
  name: "attachments",
  summary: "list the interfaces of pods",
  description: paragraphs(`Lists the attachments of this node: each is one interface of one pod.

The list is read from the records in /run/podwire, which ADD writes before it makes
anything. An attachment whose network namespace is gone has "gone" behind its age:
podwire gc removes what is left of it.`),
  options: [
    {
      flags: "-n, --network",
      value: "<name>",
      values: "pools",
      description: "only those of this network",
    },
    {
      flags: "-p, --pod",
      value: "<[namespace/]name>",
      values: "pods",
      description: "only those of this pod",
    },
    {
      flags: "-c, --container",
      value: "<id>",
      values: "containers",
      description: "only those of containers whose ID begins so",
    },
    { flags: "--gone", description: "only those whose network namespace is gone" },
    JSON_OPTION,
  ],
  examples: [
    ["podwire attachments"],
    [
      "podwire attachments --network web",
      "those of a network by name, or of a configuration in /etc/cni/net.d",
    ],
    ["podwire attachments --pod shop/cart-0"],
    [
      "podwire attachments --json | jq -r '.[] | select(.isAlive | not).containerId'",
      "containers whose network namespace is gone",
    ],
  ],
  exitStatus: { 0: "done", 1: "failed", 2: "called with wrong arguments" },
  run: async (call) => (await import("./list.ts")).listAttachments(call),
};

export const ATTACHMENT: Command<OutputOptions, [name: string]> = {
  name: "attachment",
  summary: "show a container's interfaces and check each",
  description: paragraphs(`Shows the interfaces of one container, and compares each with the kernel.

Each step of its ADD is checked as a runtime's CHECK would: addresses and their
reservation, bridge, veth pair, routes, rules, limits. How the attachment was made
is read from its record in /run/podwire.`),
  arguments: [{ term: "<name>", values: "attachments" }],
  options: [JSON_OPTION],
  examples: [
    ["podwire attachment shop/cart-0"],
    ["podwire attachment 3fd2c", "the container whose ID begins so"],
    [
      "podwire attachment cart-0 --json | jq '.[].steps[] | select(.differences != [])'",
      "what is not as it was made",
    ],
  ],
  exitStatus: { 0: "all is as it was made", 1: "something is not", 2: "called with wrong arguments" },
  run: async (call) => (await import("./show.ts")).showAttachment(call),
};
