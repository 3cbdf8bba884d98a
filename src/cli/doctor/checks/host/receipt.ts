/** Where podwire was installed: the receipt of `podwire install`, which says where the other checks look. */

import type { Receipt } from "../../../install/find-receipt.ts";
import { type Check, type Finding, ok, warning } from "../../finding.ts";
import type { Places } from "../../places.ts";

export const RECEIPT_CHECKS: readonly Check[] = [
  { group: "directories", name: "receipt", run: judgeReceipt },
];

export function judgeReceipt({ receipts, directories }: Places): Finding[] {
  const [receipt, ...others] = receipts;
  const { pluginDirs, confDir } = directories;
  const where = `plugins in ${pluginDirs.join(":")}, configurations in ${confDir}`;
  if (receipt === undefined) return [ok(`podwire install has left no receipt: ${where}`)];
  if (receipt.problem === undefined)
    return [ok(`installed as ${receipt.path} says: ${where}`, others.map(describeOther))];
  return [
    warning(receipt.problem, {
      meaning: `it is not known where podwire was installed, so this looked for ${where}`,
      command: `rm ${receipt.path}, then podwire install again`,
      details: others.map(describeOther),
    }),
  ];
}

function describeOther({ path, confDir }: Receipt): string {
  return `another is ${path}: podwire doctor --config-dir ${confDir}/podwire.d`;
}
