/** Rates as users give them, and what a token bucket makes of them. */

/** Bits a second, and bits that may go at once. */
export interface Rate {
  readonly rate: number;
  /** Absent: chosen by `bucketOf`. */
  readonly burst?: number;
}

/** The parameters of a token bucket filter in bytes. @see tc-tbf(8) */
export interface Bucket {
  readonly rate: number;
  readonly burst: number;
  /** How much may wait. */
  readonly limit: number;
}

const BITS = 8;
/** How long a packet may wait in a full queue. */
const LATENCY_S = 0.025;
/** Without a burst: what goes through in this time, but never less than some twenty full packets. */
const BURST_S = 0.01;
const SMALLEST_BURST = 32 * 1024;
const LARGEST = 2 ** 32 - 1; // u32 of struct tc_tbf_qopt

export function bucketOf({ rate, burst }: Rate): Bucket {
  const bytes = Math.floor(rate / BITS);
  const chosen = Math.max(Math.ceil(bytes * BURST_S), SMALLEST_BURST);
  const bucket = burst === undefined ? chosen : Math.floor(burst / BITS);
  return { rate: bytes, burst: bucket, limit: Math.min(Math.floor(bytes * LATENCY_S) + bucket, LARGEST) };
}
