/** The nearest known word to a misspelt one. */

/**
 * The word of `known` that takes the fewest changes of a letter, without regard to case; undefined where more than
 * half of the letters would change.
 */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const [nearest] = known
    .map((candidate) => ({ candidate, changes: countChanges(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return nearest !== undefined && nearest.changes * 2 <= word.length ? nearest.candidate : undefined;
}

/** Letters to insert, delete or replace (Levenshtein), by rows of the usual table. */
function countChanges(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
