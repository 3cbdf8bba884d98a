/** Whether this process may look at all of the node. */

import { type Check, type Finding, ok, warning } from "./finding.ts";

export const RIGHTS_CHECKS: readonly Check[] = [
  { group: "rights", name: "root", run: () => judgeRights(process.geteuid?.() ?? 0) },
];

export function judgeRights(uid: number): Finding[] {
  if (uid === 0) return [ok("root")];
  return [
    warning(`not root, but user ${uid}: much is not looked at`, {
      meaning: "records, reservations, rulesets and what the kernel can do are root's to see",
      command: "sudo podwire doctor",
    }),
  ];
}
