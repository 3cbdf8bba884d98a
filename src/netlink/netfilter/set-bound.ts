/** The keys of any set or verdict map, single ones or intervals. */

import { INTERVAL_END, type SetElement } from "./nf-tables.ts";

/** A key, or a bound of an interval: its first key, or the first one after it. */
export interface Bound {
  /** Hexadecimal digits. */
  readonly key: string;
  readonly isEnd: boolean;
  /** In a verdict map, what becomes of packets with the key. */
  readonly verdict?: VerdictData | undefined;
}

/** As the kernel shows a verdict. */
export interface VerdictData {
  readonly NFTA_VERDICT_CODE?: number;
  readonly NFTA_VERDICT_CHAIN?: string;
}

/** Undefined where the set has keys of another sort: ranges of several fields, one for all others. */
export function toBounds(elements: readonly SetElement[]): Bound[] | undefined {
  const bounds = elements.flatMap(({ NFTA_SET_ELEM_KEY: key, NFTA_SET_ELEM_KEY_END: end, ...element }) => {
    const isEnd = ((element.NFTA_SET_ELEM_FLAGS ?? 0) & INTERVAL_END) !== 0;
    const bytes = end === undefined ? key?.NFTA_DATA_VALUE : undefined;
    const verdict = element.NFTA_SET_ELEM_DATA?.NFTA_DATA_VERDICT;
    return bytes === undefined ? [] : [{ key: bytes.toHex(), isEnd, verdict }];
  });
  return bounds.length === elements.length ? bounds : undefined;
}

/** The key itself, or the beginning of the interval that it lies in; undefined where it is in none. */
export function findKey(bounds: readonly Bound[], key: string): Bound | undefined {
  if (!bounds.some(({ isEnd }) => isEnd)) return bounds.find((bound) => bound.key === key);
  const before = bounds.filter((bound) => bound.key <= key);
  const last = before.reduce<Bound | undefined>(
    (found, bound) => (found === undefined || bound.key >= found.key ? bound : found),
    undefined,
  );
  return last?.isEnd === true ? undefined : last;
}
