/** Virtual functions: enough of them, each with a pod, none forgotten on the node. */

import {
  describeAttachment,
  parseAlias,
  parseAttachment,
  parseVfAlias,
} from "../../../../attachment/attachment.ts";
import type { AttachmentRecord } from "../../../../attachment/record/record.ts";
import type { Link } from "../../../../link/link.ts";
import { readTextFileIfAny } from "../../../../linux/file.ts";
import { SYSFS } from "../../../../linux/sysfs.ts";
import type { Network } from "../../../../network/model.ts";
import { repair } from "../../../../node/repair.ts";
import { CLAIMS_ROOT, listClaims } from "../../../../sriov/claims.ts";
import { listPfs } from "../../../../sriov/sysfs.ts";
import { OUTPUT } from "../../../output.ts";
import { type Check, type Finding, fault, orOk, warning } from "../../finding.ts";
import { collectLeaks } from "../pods/leaks.ts";

const GROUP = "vfs";

export const VF_CHECKS: readonly Check[] = [
  { group: GROUP, name: "cards", run: ({ named }) => judgeCards(named().networks, readCards()) },
  {
    group: GROUP,
    name: "holders",
    run: ({ links, living, directories }) =>
      judgeStrays([...markedOf(links()), ...claimed()], living(), () => [
        ...returnStrays(),
        ...collectLeaks(directories),
      ]),
  },
];

/** A physical function, as far as networks stand on it. */
export interface Card {
  readonly ifname: string;
  readonly numVfs: number;
  readonly totalVfs: number;
  /** The kernel gives new functions a driver. */
  readonly probesDrivers: boolean;
}

function readCards(): Card[] {
  return listPfs(SYSFS).map(({ ifname, numVfs, totalVfs }) => {
    const autoprobe = readTextFileIfAny(`${SYSFS}/class/net/${ifname}/device/sriov_drivers_autoprobe`);
    return { ifname, numVfs, totalVfs, probesDrivers: autoprobe?.trim() !== "0" };
  });
}

export function judgeCards(networks: readonly Network[], cards: readonly Card[]): Finding[] {
  const wanted = networks.flatMap(({ name, attach }) =>
    "pfs" in attach ? attach.pfs.map((pf) => ({ name, pf, driver: attach.driver })) : [],
  );
  const troubles = wanted.flatMap(({ name, pf, driver }) => {
    const card = cards.find(({ ifname }) => ifname === pf);
    const subject = `network "${name}": "${pf}"`;
    if (card === undefined)
      return [
        fault(`${subject} is no physical function of this node`, {
          meaning: "its pods get no virtual function of it",
          command: "podwire vf list shows what there is; correct attach.pfs of the network",
        }),
      ];
    if (card.numVfs === 0)
      return [
        fault(`${subject} has no virtual functions`, {
          meaning: "its pods get none (code 11)",
          command: `podwire vf set-count ${pf} ${card.totalVfs}`,
        }),
      ];
    if (card.probesDrivers || driver !== "netdev") return [];
    return [
      warning(`${subject}: the kernel gives its new virtual functions no driver`, {
        meaning: "functions that are made now have no interface that a pod could get",
        command: `echo 1 > ${SYSFS}/class/net/${pf}/device/sriov_drivers_autoprobe`,
      }),
    ];
  });
  return orOk(
    troubles,
    wanted.length === 0 ? "no network wants virtual functions" : "networks have virtual functions to give",
  );
}

/** A function that bears the mark, or is claimed for, an attachment. */
export interface Marked {
  readonly vf: string;
  /** `mynet/c1/eth0` */
  readonly owner: string;
}

function markedOf(links: readonly Link[]): Marked[] {
  return links.flatMap(({ ifname, ifalias }) => {
    const attachment = parseVfAlias(ifalias) && parseAlias(ifalias);
    return attachment === undefined ? [] : [{ vf: ifname, owner: describeAttachment(attachment) }];
  });
}

function claimed(): Marked[] {
  return [...listClaims(CLAIMS_ROOT)].flatMap(([vf, { owner }]) =>
    parseAttachment(owner) === undefined ? [] : [{ vf, owner }],
  );
}

export function judgeStrays(
  marked: readonly Marked[],
  living: readonly AttachmentRecord[],
  fix: NonNullable<Finding["fix"]>,
): Finding[] {
  const owners = new Set(living.map(describeAttachment));
  const strays = marked.filter(({ owner }) => !owners.has(owner));
  if (strays.length === 0) return orOk([], "no virtual function is held for a pod that is gone");
  return [
    warning(`virtual functions held for pods that are gone: ${strays.length}`, {
      details: strays.map(({ vf, owner }) => `${vf}: ${owner}`),
      meaning: "no other pod gets them",
      command: "podwire repair && podwire gc",
      fix,
    }),
  ];
}

function returnStrays(): string[] {
  return repair({ output: OUTPUT }).repaired.flatMap(({ vf, problem }) =>
    vf === undefined ? [] : [problem === undefined ? `put back ${vf}` : `failed ${vf}: ${problem}`],
  );
}
