/** `podwire attachment`: one, and whether each part of it is as ADD made it. */

import { toCniError } from "../../attachment/errors.ts";
import { type InspectedStep, inspect } from "../../node/inspect.ts";
import { STATUS } from "../failure.ts";
import { formatMark } from "../mark.ts";
import { OUTPUT } from "../output.ts";
import { type OutputOptions, printJson, printList } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { requireAttachments } from "./find.ts";
import { ATTACHMENT_VIEW, type ListedAttachment, toListed } from "./view.ts";

const DESCRIPTION = `Shows the interfaces of one container, and holds each against the kernel.

Each step of an ADD is looked at as a runtime's CHECK would: addresses and their
reservation, bridge, veth pair, routes, rules, limits. How the attachment was made
is known from its record in /run/podwire.`;

const EXAMPLES = `
Examples:
  podwire attachment shop/cart-0
  podwire attachment 3fd2c
      the container whose ID begins so
  podwire attachment cart-0 --json | jq '.[].steps[] | select(.differences != [])'
      what is not as it was made

Exit status: 0 all is as it was made, 1 something is not, 2 called with wrong arguments.`;

export function addAttachment({ command, finish }: Program): void {
  command
    .command("attachment <name>")
    .summary("show one container's interfaces and check each")
    .description(DESCRIPTION)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((name: string, _options, self) => {
      const options = allOptions<OutputOptions>(self);
      const inspected = requireAttachments(name)
        .map(toListed)
        .map((listed) => ({ listed, steps: look(listed) }));
      if (options.json === true) printJson(inspected.map(toJson));
      else inspected.forEach(printOne);
      const isWhole = inspected.every(({ steps }) =>
        steps.every(({ differences }) => differences.length === 0),
      );
      if (!isWhole) finish(STATUS.failed);
    });
}

interface Inspected {
  readonly listed: ListedAttachment;
  readonly steps: readonly InspectedStep[];
}

/** What keeps the steps from being looked at counts as a difference. */
function look({ record, isAlive }: ListedAttachment): InspectedStep[] {
  const nothing = (problem: string) => [{ step: "openPod", differences: [problem] }];
  if (!isAlive)
    return nothing(`its network namespace "${record.netns}" is gone: podwire gc removes what is left`);
  try {
    return inspect(record, OUTPUT);
  } catch (error) {
    return nothing(toCniError(error).message);
  }
}

function toJson({ listed, steps }: Inspected): object {
  return { ...(ATTACHMENT_VIEW.toJson(listed) as object), source: "record", steps }; // `as`: made by the view above
}

function printOne({ listed, steps }: Inspected, index: number): void {
  if (index > 0) console.log();
  printList({}, ATTACHMENT_VIEW, [listed]);
  console.log();
  const width = Math.max(...steps.map(({ step }) => step.length));
  for (const step of steps) console.log(describeStep(step, width));
  console.log(`  made ${listed.record.createdAt}; held against its record`);
}

const GAP = "  ";

function describeStep({ step, differences }: InspectedStep, width: number): string {
  const mark = formatMark(differences.length === 0 ? "ok" : "fault");
  const [first = "", ...others] = differences;
  const indent = " ".repeat(`✓ ${GAP}`.length + width);
  return [
    `${mark} ${step.padEnd(width)}${GAP}${first}`.trimEnd(),
    ...others.map((text) => indent + text),
  ].join("\n");
}
