/** What differs from run to run in what commands print, and the word that both sides get for it before they are compared. */

const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/\b(veth|ifb)[0-9a-f]{11,12}\b/g, "$1HEX"],
  [/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, "MAC"],
  [/\bfe80::[0-9a-f:]+/g, "LINK-LOCAL"],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"],
  [/\bcommit [0-9a-f]{12}(-dirty)?/g, "commit COMMIT"],
  [/\bsha256:[0-9a-f]{64}\b/g, "sha256:DIGEST"],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID"],
  [/\b\d+(ms|s|m|h|d)\b/g, "AGE"],
  [/\btime[= ]\d+(\.\d+)? ?ms/g, "time MS"],
  [/= [\d.]+(\/[\d.]+){3} ms/g, "= MS"],
  [/^\d+: /g, "INDEX: "],
  [/@if\d+\b/g, "@ifINDEX"],
  [/"ms":[\d.]+/g, '"ms":MS'],
  [/"(pid|time)":\d+/g, '"$1":N'],
  [/ +$/g, ""],
];

export function withPlaceholders(line: string): string {
  return PLACEHOLDERS.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), line);
}

/** True where the lines are the same but for what differs from run to run; a line `...` is any number of lines. */
export function isSameOutput(written: readonly string[], printed: readonly string[]): boolean {
  return matches(written.map(withPlaceholders), printed.map(withPlaceholders));
}

function matches([first, ...others]: readonly string[], printed: readonly string[]): boolean {
  if (first === undefined) return printed.length === 0;
  if (first !== "...") return first === printed[0] && matches(others, printed.slice(1));
  return Array.from({ length: printed.length + 1 }, (_, skipped) => printed.slice(skipped)).some((rest) =>
    matches(others, rest),
  );
}
