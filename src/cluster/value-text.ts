/** Values as text, to tell whether one is as another: JSON.stringify refuses the numbers of addresses. */
export function valueText(value: unknown): string {
  return JSON.stringify(value, (_key, member) => (typeof member === "bigint" ? `${member}` : member)) ?? "";
}
