/** Whether this process may look at all of the node. */

import { isErrno } from "../../../../linux/error.ts";
import { readTextFile } from "../../../../linux/file.ts";
import { type Check, type Finding, ok, warning } from "../../finding.ts";

export const RIGHTS_CHECKS: readonly Check[] = [
  {
    group: "rights",
    name: "root",
    run: () => judgeRights(process.geteuid?.() ?? 0, readTextFile("/proc/self/status")),
  },
];

/** Bits of linux/capability.h. */
const WANTED = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n } as const;

/** `status`: the text of proc_pid_status(5). */
export function judgeRights(uid: number, status: string): Finding[] {
  const meaning = "records, reservations, rulesets, pods or what the kernel can do are not seen";
  if (uid !== 0) return [warning(`not root, but user ${uid}`, { meaning, command: "sudo podwire doctor" })];
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const missing = Object.entries(WANTED).flatMap(([name, bit]) => ((effective >> bit) & 1n ? [] : [name]));
  if (missing.length === 0) return [ok("root")];
  return [
    warning(`root, but without ${missing.join(" and ")}`, {
      meaning,
      command: "podwire doctor in a shell of the node, not in a container",
    }),
  ];
}

/** True where an error says, or one that it came of, that this process may not look. */
export function isLackOfRights(error: unknown): boolean {
  if (isErrno(error, "EPERM", "EACCES")) return true;
  return error instanceof Error && error.cause !== undefined && isLackOfRights(error.cause);
}
