/** `podwire attachment`: one, and whether each part of it is as ADD made it. */

import { toCniError } from "../../attachment/errors.ts";
import { type InspectedStep, inspect } from "../../node/inspect.ts";
import type { Call } from "../command.ts";
import { STATUS } from "../failure.ts";
import { formatMark } from "../mark.ts";
import { OUTPUT } from "../output.ts";
import { type OutputOptions, printJson, printList } from "../print.ts";
import { requireAttachments } from "./find.ts";
import { ATTACHMENT_VIEW, type ListedAttachment, toListed } from "./view.ts";

export function showAttachment({ args: [name], options, finish }: Call<OutputOptions, [name: string]>): void {
  const inspected = requireAttachments(name)
    .map(toListed)
    .map((listed) => ({ listed, steps: look(listed) }));
  if (options.json === true) printJson(inspected.map(toJson));
  else inspected.forEach(printOne);
  const isWhole = inspected.every(({ steps }) => steps.every(({ differences }) => differences.length === 0));
  if (!isWhole) finish(STATUS.failed);
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
