/** What pods that are gone have left on the node. */

import { describeAttachment } from "../../../../attachment/attachment.ts";
import { openSockets } from "../../../../attachment/del.ts";
import {
  cleanUp,
  describeAddress,
  findGarbage,
  type Garbage,
  type LeftAlone,
} from "../../../../node/garbage.ts";
import { readGcExemptions } from "../../../../node/gc-exemptions.ts";
import { OUTPUT } from "../../../output.ts";
import type { Facts } from "../../facts.ts";
import { type Check, count, type Finding, listSome, orOk, warning } from "../../finding.ts";
import type { Directories } from "../../places.ts";

const GROUP = "leaks";

export const LEAK_CHECKS: readonly Check[] = [
  {
    group: GROUP,
    name: "garbage",
    run: (facts) => judgeGarbage(find(facts), () => collectLeaks(facts.directories)),
  },
];

function find({ pools, node, directories: { configDir, confDir } }: Facts): Garbage {
  using sockets = openSockets(OUTPUT);
  const exemptions = readGcExemptions(configDir, confDir);
  return findGarbage({ sockets, directories: pools().map(({ pool }) => pool), facts: node(), exemptions });
}

/** As `podwire gc` does; what has come to be garbage since the look goes too. */
export function collectLeaks({ pluginDirs: path, ...directories }: Directories): string[] {
  return cleanUp({ ...directories, path }, OUTPUT).collected.map(({ what, reason, problem }) =>
    problem === undefined ? `removed ${what}: ${reason}` : `failed ${what}: ${problem}`,
  );
}

export function judgeGarbage(
  { attachments, addresses, unclear, leftAlone }: Garbage,
  fix: NonNullable<Finding["fix"]>,
): Finding[] {
  const mending = { command: "podwire gc", fix };
  const left =
    attachments.length === 0
      ? []
      : [
          warning(`${count(attachments.length, "attachment")} of pods that are gone`, {
            ...mending,
            details: attachments.map(
              ({ attachment, reason }) => `${describeAttachment(attachment)}: ${reason}`,
            ),
            meaning:
              "they keep addresses, host ports, interfaces or virtual functions that other pods could have",
          }),
        ];
  const stale =
    addresses.length === 0
      ? []
      : [
          warning(`${count(addresses.length, "address", "addresses")} that nobody has`, {
            ...mending,
            details: [listSome(addresses.map(describeAddress))],
            meaning: "no pod can get them while they are reserved",
          }),
        ];
  return orOk(
    [...left, ...stale, ...judgeUnclear(unclear.map(describeAttachment)), ...judgeLeftAlone(leftAlone)],
    "nothing is left of pods that are gone",
  );
}

function judgeUnclear(names: readonly string[]): Finding[] {
  if (names.length === 0) return [];
  return [
    warning(`${count(names.length, "attachment")} without a record, whose pod may live`, {
      details: names,
      meaning: "nothing but the pod's own DEL removes it, and podwire repair cannot put back what it loses",
      command: "delete the pod",
    }),
  ];
}

function judgeLeftAlone(all: readonly LeftAlone[]): Finding[] {
  if (all.length === 0) return [];
  const subject = count(all.length, "attachment or address", "attachments and addresses");
  return [
    warning(`${subject} of dead pods that gc leaves alone`, {
      details: all.map(({ what, reason }) => `${what}: ${reason}`),
      meaning: "the configuration of their network wants it so; no pod can have what they hold",
      command: "podwire gc --force",
    }),
  ];
}
