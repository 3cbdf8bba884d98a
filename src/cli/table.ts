/** Tables as kubectl and its like print them: one header, columns that line up. */

const LEAST_WIDTH = 10;
const GAP = 3;

const BOLD = "\u001b[1m";
const PLAIN = "\u001b[0m";

/** Lines without an end after the last; `isBold` puts the header in bold type. Empty cells are left blank. */
export function formatTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  isBold = false,
): string {
  const widths = headers.map((header, column) => {
    const cells = rows.map((row) => row[column]?.length ?? 0);
    return Math.max(LEAST_WIDTH, GAP + cells.reduce((a, b) => Math.max(a, b), header.length));
  });
  const toLine = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("")
      .trimEnd();
  const header = toLine(headers);
  return [isBold ? `${BOLD}${header}${PLAIN}` : header, ...rows.map(toLine)].join("\n");
}
