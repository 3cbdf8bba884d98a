/** Files of sysfs: one value each, which a driver may have no answer for. @see sysfs(5) */

import { ignoringErrno } from "./error.ts";
import { readTextFileIfAny } from "./file.ts";

/** Where it is, except in tests. */
export const SYSFS = "/sys";

/**
 * The value without the line's end; undefined where there is no such file, and where the driver has no answer: EINVAL for
 * the speed of a link that is down, EOPNOTSUPP for the name of a port.
 */
export function readText(path: string): string | undefined {
  return ignoringErrno(() => readTextFileIfAny(path)?.trim(), undefined, "EINVAL", "EOPNOTSUPP", "EIO");
}

export function readNumber(path: string): number | undefined {
  const text = readText(path);
  return text === undefined ? undefined : Number(text);
}

/**
 * Speed of an interface in Mbit/s; undefined where its driver does not tell, which writes -1: SPEED_UNKNOWN,
 * linux/ethtool.h.
 * @see Documentation/ABI/testing/sysfs-class-net
 */
export function readSpeedMbps(sysfs: string, ifname: string): number | undefined {
  const speed = readNumber(`${sysfs}/class/net/${ifname}/speed`);
  return speed !== undefined && speed > 0 ? speed : undefined;
}
