/** Numbers as people write them: `5k`, `125M`, `1.5G`, in powers of ten. */

const UNITS = [
  ["G", 1e9],
  ["M", 1e6],
  ["k", 1e3],
] as const;

/** Undefined for anything but a number of at least 0, with or without a unit (K too), that comes to a whole one. */
export function parseSize(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([kKMG]?)$/.exec(text) ?? [];
  if (digits === "") return undefined;
  const factor = UNITS.find(([name]) => name.toLowerCase() === unit.toLowerCase())?.[1] ?? 1;
  // By the nearest whole number: 1.001 * 1e3 is a little less than 1001.
  const size = Math.round(Number(digits) * factor);
  return Math.abs(size - Number(digits) * factor) < 1e-6 * factor && Number.isSafeInteger(size)
    ? size
    : undefined;
}

/** With the largest unit that leaves a whole number. */
export function formatSize(size: number): string {
  const unit = size === 0 ? undefined : UNITS.find(([, factor]) => size % factor === 0);
  return unit === undefined ? String(size) : `${size / unit[1]}${unit[0]}`;
}
