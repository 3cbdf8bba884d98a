/** Descriptions, written with line breaks for those who read the source. */

/** Paragraphs, each as one line; one that begins with a blank is a table, and keeps its lines. */
export function paragraphs(text: string): string[] {
  return text
    .split("\n\n")
    .map((paragraph) => (paragraph.startsWith(" ") ? paragraph : paragraph.replaceAll("\n", " ")));
}
