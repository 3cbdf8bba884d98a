/** Values as messages show them. */

const QUOTE_LIMIT = 120;

/** A value as it stands in JSON, cut where it is long. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}…` : text;
}
