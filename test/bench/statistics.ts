/** Medians of paired measurements. */

export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the share `q` of `values` lies, between neighbours by proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Median of a[i] / b[i] with its 95 % interval, which order statistics give without assuming a distribution. */
export function pairedRatio(a: readonly number[], b: readonly number[]): Interval {
  const ratios = a.map((value, i) => value / (b[i] ?? Number.NaN)).toSorted((x, y) => x - y);
  const reach = (1.96 * Math.sqrt(ratios.length)) / 2;
  const low = Math.max(0, Math.floor(ratios.length / 2 - reach));
  const high = Math.min(ratios.length - 1, Math.ceil(ratios.length / 2 + reach) - 1);
  return { median: median(ratios), low: ratios[low] ?? Number.NaN, high: ratios[high] ?? Number.NaN };
}
