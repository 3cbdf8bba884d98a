/** Whether the kernel still is as the records of attachments say. */

import { describeAttachment } from "../../../../attachment/attachment.ts";
import { toCniError } from "../../../../attachment/errors.ts";
import type { AttachmentRecord } from "../../../../attachment/record/record.ts";
import { ignoringErrno } from "../../../../linux/error.ts";
import { LazySocket } from "../../../../netlink/lazy.ts";
import { netfilter } from "../../../../netlink/netfilter/protocol.ts";
import { type ForeignTable, listForeignTables } from "../../../../nftables/tables/foreign.ts";
import { TABLES } from "../../../../nftables/tables/tables.ts";
import { type ForeignElement, listForeignElements } from "../../../../node/foreign-elements.ts";
import { type InspectedStep, inspect } from "../../../../node/inspect.ts";
import { findLosses, type Repaired, repair } from "../../../../node/repair.ts";
import { OUTPUT } from "../../../output.ts";
import { describeLosses } from "../../../repair/run.ts";
import {
  type Check,
  count,
  type Finding,
  fault,
  listSome,
  ok,
  orOk,
  SHOWN_AT_MOST,
  warning,
} from "../../finding.ts";
import { isLackOfRights } from "../host/rights.ts";

const GROUP = "drift";

export const DRIFT_CHECKS: readonly Check[] = [
  { group: GROUP, name: "tables", run: () => judgeTables(findForeignTables()) },
  { group: GROUP, name: "rulesets", run: () => judgeLosses(findLosses(OUTPUT)) },
  {
    group: GROUP,
    name: "elements",
    run: (facts) => judgeForeign(listForeignElements(facts.records(), OUTPUT)),
  },
  {
    group: GROUP,
    name: "attachments",
    run: ({ living }) => judgeAttachments(inspectAll(living())),
  },
];

/** None where this kernel has no nf_tables: another check says so. */
function findForeignTables(): ForeignTable[] {
  using lazy = new LazySocket(netfilter, {});
  const socket = lazy.getIfSupported();
  return socket === undefined ? [] : ignoringErrno(() => listForeignTables(socket, TABLES), [], "EOPNOTSUPP");
}

export function judgeTables(foreign: readonly Pick<ForeignTable, "message" | "advice">[]): Finding[] {
  const faults = foreign.map(({ message, advice }) =>
    fault(message, { meaning: "ADDs of pods that need rules in it fail", command: advice }),
  );
  return orOk(faults, "no other program has made a table of podwire's name");
}

export function judgeLosses(losses: readonly Repaired[]): Finding[] {
  if (losses.length === 0) return [ok("rulesets are as the records say")];
  const subject = count(losses.length, "attachment");
  return [
    fault(`the rulesets have lost what belongs to ${subject}`, {
      details: losses.map((lost) => `${describeAttachment(lost)}: ${describeLoss(lost)}`),
      meaning: "masquerade, host ports or guards of these pods do not work: somebody flushed the tables",
      command: "podwire repair",
      fix: repairAll,
    }),
  ];
}

function describeLoss(lost: Repaired): string {
  return lost.problem === undefined ? describeLosses(lost) : `could not be looked at: ${lost.problem}`;
}

function repairAll(): string[] {
  return repair({ output: OUTPUT }).repaired.map((one) => {
    const done = one.problem === undefined ? `put back ${describeLosses(one)}` : `failed: ${one.problem}`;
    return `${describeAttachment(one)}: ${done}`;
  });
}

export function judgeForeign(foreign: readonly ForeignElement[]): Finding[] {
  const [first] = foreign;
  if (first === undefined) return [ok("nothing in the tables is somebody else's")];
  const describe = ({ element, comment }: ForeignElement) =>
    `${element}${comment === "" ? "" : `, comment "${comment}"`}`;
  return [
    warning(
      `${count(foreign.length, "element")} of podwire's tables ${foreign.length === 1 ? "is" : "are"} no pod's`,
      {
        details: foreign.map(describe),
        meaning: "somebody put it there: it redirects or guards packets until nft delete element removes it",
        command: "nft list ruleset",
      },
    ),
  ];
}

/** An attachment with the steps of its ADD that are not as they were. */
export interface Inspected {
  readonly name: string;
  readonly different: readonly InspectedStep[];
}

/** What is said of these is said by the check of rulesets too. */
const OF_RULESETS = ["applyRuleset", "openForwarding"];

function inspectAll(living: readonly AttachmentRecord[]): Inspected[] {
  const lost = new Set(findLosses(OUTPUT).map(describeAttachment));
  return living.map((record) => {
    const name = describeAttachment(record);
    const isSaid = (step: string) => lost.has(name) && OF_RULESETS.includes(step);
    const different = look(record).filter(({ step, differences }) => differences.length > 0 && !isSaid(step));
    return { name, different };
  });
}

function look(record: AttachmentRecord): readonly InspectedStep[] {
  try {
    return inspect(record, OUTPUT);
  } catch (error) {
    if (isLackOfRights(error)) throw error; // nothing is known, of this one and of all others
    return [{ step: "openPod", differences: [toCniError(error).message] }];
  }
}

export function judgeAttachments(inspected: readonly Inspected[]): Finding[] {
  const bad = inspected.filter(({ different }) => different.length > 0);
  const subject = count(inspected.length, "attachment");
  const shown = bad.slice(0, SHOWN_AT_MOST).map(({ name, different }) =>
    fault(`${name}: ${different.map(({ step }) => step).join(", ")}`, {
      details: different.flatMap(({ differences }) => differences),
      meaning: "the pod's network is not as its ADD made it: delete the pod to have it made anew",
      command: `podwire attachment ${name}`,
    }),
  );
  const rest = bad.slice(SHOWN_AT_MOST).map(({ name }) => name);
  if (rest.length === 0)
    return orOk(shown, `${subject} as ADD made ${inspected.length === 1 ? "it" : "them"}`);
  return [...shown, restOf(rest)];
}

function restOf(names: readonly string[]): Finding {
  return fault(`${count(names.length, "more attachment")}: ${listSome(names)}`, {
    meaning: "these are not as their ADD made them either",
    command: `podwire attachment ${names[0]}`,
  });
}
