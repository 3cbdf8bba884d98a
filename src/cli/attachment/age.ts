/** Times as kubectl prints them: `45s`, `12m`, `3h`, `5d`. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds as a whole number of the unit that gives two or three digits; a time to come counts as none. */
export function formatAge(milliseconds: number): string {
  const age = Math.max(0, milliseconds);
  if (age < 2 * MINUTE) return `${Math.floor(age / SECOND)}s`;
  if (age < 2 * HOUR) return `${Math.floor(age / MINUTE)}m`;
  if (age < 2 * DAY) return `${Math.floor(age / HOUR)}h`;
  return `${Math.floor(age / DAY)}d`;
}
