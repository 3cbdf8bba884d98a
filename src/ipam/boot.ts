/** Stale reservations from before the last boot: freed at the first ADD. */

import { formatAddress } from "../addr/address.ts";
import { overwriteFile, readLine, readLineIfFile, readTextFile, removeFile } from "../linux/file.ts";
import type { Report } from "../linux/report.ts";
import { statFile, statLink } from "../linux/stat.ts";
import type { IpamStore } from "./store.ts";

/** The file of a store that says for which boot that was done. */
export const BOOT_MARKER = "boot_id";

/**
 * Frees what was reserved before this boot, unless the store's marker says that it was done already.
 *
 * A file counts as older by its time of modification: so addresses that the reference plugin reserved since the
 * boot stay.
 */
export function freeEarlierBoots(store: IpamStore, report: Report): void {
  const path = `${store.directory}/${BOOT_MARKER}`;
  const bootId = readLine("/proc/sys/kernel/random/boot_id");
  const marker = readLineIfFile(path);
  if (marker === bootId) return;
  const bootTime = marker === undefined ? Math.min(readBootTime(), earlyBootTime()) : readBootTime();
  const stale = store
    .addresses()
    .map(formatAddress)
    .filter((name) => isOlder(`${store.directory}/${name}`, bootTime));
  for (const name of stale) removeFile(`${store.directory}/${name}`);
  if (stale.length > 0)
    report(`freed ${stale.length} addresses in ${store.directory} that were reserved before the last boot`);
  overwriteFile(path, bootId);
}

function isOlder(path: string, seconds: number): boolean {
  const { isRegular, modifiedAt } = statLink(path);
  return isRegular && modifiedAt < seconds;
}

/** Seconds since the epoch, by today's clock. @see proc(5), /proc/stat btime */
function readBootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readTextFile("/proc/stat"))?.[1] ?? 0);
}

/**
 * The boot's time by the clock of that moment, which the kernel wrote on its first device nodes.
 *
 * Where the clock was set forward later, files of living pods look older than today's reckoning of the boot;
 * taking the earlier of the two keeps them.
 */
function earlyBootTime(): number {
  return statFile("/dev/null").changedAt;
}
