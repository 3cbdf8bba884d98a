/** The words of man(7) that the page is made of; each function gives whole lines. */

/** As groff_char(7) writes the characters that roff would read, or print, as others. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** Text as it is, for any place in a line. */
export function escaped(text: string): string {
  return text.replace(
    /[\\\-'`^~]|[^\0-\u007f]/gu,
    (character) => ESCAPES[character] ?? byCodePoint(character),
  );
}

/** For readers that take pages for ASCII. */
function byCodePoint(character: string): string {
  const digits = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  return `\\[u${digits}]`;
}

/** One argument of a macro. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', "\\(dq")}"`;
}

export function title(name: string, section: number, fields: readonly string[]): string {
  const plain = (field: string) => `"${field.replaceAll("\\", "\\e").replaceAll('"', "\\(dq")}"`; // a date has hyphens
  return `.TH ${[name, String(section), ...fields].map(plain).join(" ")}`;
}

export function section(name: string, content: readonly string[]): string[] {
  return [`.SH ${quoted(name)}`, ...content];
}

export function subsection(name: string, content: readonly string[]): string[] {
  return [`.SS ${quoted(name)}`, ...content];
}

/** What stands for itself in bold, and what it means, indented. */
export function entry(term: string, meaning: string): string[] {
  return [".TP", `\\fB${escaped(term)}\\fR`, ...filled(meaning)];
}

/** Text with an empty line between paragraphs; a paragraph that begins with a blank stays as it is. */
export function paragraphs(text: string): string[] {
  return text
    .split(/\n{2,}/)
    .flatMap((paragraph, index) => [...(index === 0 ? [] : [".PP"]), ...linesOf(paragraph)]);
}

function linesOf(paragraph: string): string[] {
  return paragraph.startsWith(" ") ? verbatim(paragraph) : filled(paragraph);
}

export function heading(text: string): string[] {
  return [".PP", `${escaped(text)}:`];
}

export function indented(content: readonly string[]): string[] {
  return [".RS 4", ...content, ".RE"];
}

/** Lines as they are. */
export function verbatim(text: string): string[] {
  return [".nf", ...text.split("\n").map(toLine), ".fi"];
}

function filled(text: string): string[] {
  return text.split("\n").map((line) => toLine(line.trim()));
}

/** No text is taken for a macro. */
function toLine(text: string): string {
  return text.startsWith(".") ? `\\&${escaped(text)}` : escaped(text);
}
