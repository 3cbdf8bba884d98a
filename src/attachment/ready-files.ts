/** The files that an ADD reads and writes beside its record: what of them it would stumble over. */

import { BOOT_MARKER } from "../ipam/boot.ts";
import { LAST_RESERVED, LOCK } from "../ipam/store.ts";
import { ignoringErrno } from "../linux/error.ts";
import { closeFile, exists, OPEN, openFile, readTextFile } from "../linux/file.ts";
import { inNewNetns } from "../linux/netns.ts";
import { toCniError } from "./errors.ts";
import type { HostLocal } from "./plan/ipam.ts";
import type { Sysctl } from "./plan/tuning.ts";

/** Each fault in words; nothing is made or changed. */
export function checkPoolFiles(pool: HostLocal): string[] {
  const directory = `${pool.dataDir}/${pool.network}`;
  const written = [BOOT_MARKER, ...pool.sets.map((_, index) => `${LAST_RESERVED}${index}`)];
  return [
    ...faultOf(() => openIfAny(`${directory}/${LOCK}`, OPEN.readWrite)),
    ...written.flatMap((name) => faultOf(() => openIfAny(`${directory}/${name}`, OPEN.writeOnly))),
    ...(pool.resolvConf === "" ? [] : faultOf(() => readTextFile(pool.resolvConf))),
  ];
}

function openIfAny(path: string, mode: number): void {
  ignoringErrno(() => closeFile(openFile(path, mode | OPEN.nonBlock)), undefined, "ENOENT", "ENOTDIR");
}

function faultOf(action: () => unknown): string[] {
  try {
    action();
    return [];
  } catch (error) {
    const { message, advice } = toCniError(error);
    return [`${message} (${advice})`];
  }
}

/** Parameters that a pod's network namespace does not have, whatever its interfaces are called. */
export function checkSysctls(sysctls: readonly Sysctl[]): string[] {
  if (sysctls.length === 0) return [];
  const isMissing = ({ key }: Sysctl) =>
    !exists(`/proc/sys/${key.replace(/(?<=\/(conf|neigh)\/)[^/]+/, "default")}`);
  const missing = inNewNetns(() => sysctls.filter(isMissing));
  return missing.map(({ name, key }) => `this kernel has no sysctl "${name}" (${key})`);
}
