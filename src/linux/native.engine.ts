/** As native.ts, in a plugin call: what engine/native.c gives. */

import { errnoName } from "./errno.ts";
import type { Finished, Libc } from "./native-types.ts";

// `as`: engine/native.c has them all.
export const libc = native.libc as unknown as Libc;

export const lastErrno = native.errno;

export const arch = native.arch;

export const openProcfs = native.openProcfs;

export function xxHash64(text: string, seed: bigint): bigint {
  return native.xxHash64(native.encodeText(text), seed);
}

export function spawn(
  file: string,
  environment: readonly string[],
  input: Uint8Array,
  timeoutMs: number,
): Finished | string {
  const { errno, status, stdout } = native.spawn(file, environment, input, timeoutMs);
  if (errno !== 0) return errnoName(errno);
  // waitpid(2): the signal in the low seven bits, the exit status above the low eight.
  const signal = status & 0x7f;
  if (signal !== 0) return { exitCode: undefined, signal: `signal ${signal}`, stdout };
  return { exitCode: status >> 8, signal: undefined, stdout };
}
