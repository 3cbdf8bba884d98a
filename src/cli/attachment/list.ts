/** `podwire attachments`: every interface of every pod on this node. */

import { listRecords } from "../../attachment/record/list.ts";
import { type OutputOptions, printList } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { isNamedPod } from "./find.ts";
import { ATTACHMENT_VIEW, inOrder, type ListedAttachment, toListed } from "./view.ts";

const DESCRIPTION = `Lists the attachments of this node: each is one interface of one pod.

What is shown is in the records of /run/podwire, which ADD writes before anything
else. An attachment whose network namespace is gone has "gone" behind its age:
podwire gc removes what is left of it.`;

const EXAMPLES = `
Examples:
  podwire attachments
  podwire attachments --network web
      those of a network by name, or of a configuration in /etc/cni/net.d
  podwire attachments --pod shop/cart-0
  podwire attachments --json | jq -r '.[] | select(.isAlive | not).containerId'
      containers whose network namespace is gone

Exit status: 0 done, 1 failed, 2 called with wrong arguments.`;

interface ListOptions extends OutputOptions {
  readonly network?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly gone?: true;
}

export function addAttachments({ command }: Program): void {
  command
    .command("attachments")
    .summary("list the interfaces of pods")
    .description(DESCRIPTION)
    .option("-n, --network <name>", "only those of this network")
    .option("-p, --pod <[namespace/]name>", "only those of this pod")
    .option("-c, --container <id>", "only those of containers whose ID begins so")
    .option("--gone", "only those whose network namespace is gone")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((_options, self) => {
      const options = allOptions<ListOptions>(self);
      const all = listRecords().map(toListed);
      printList(options, ATTACHMENT_VIEW, inOrder(all.filter((listed) => isMeant(listed, options))));
    });
}

function isMeant({ record, isAlive }: ListedAttachment, wanted: ListOptions): boolean {
  const { network, pod, container = "", gone } = wanted;
  return (
    (network === undefined || record.network === network || record.named?.name === network) &&
    (pod === undefined || isNamedPod(record, pod)) &&
    record.containerId.startsWith(container) &&
    (gone === undefined || !isAlive)
  );
}
