/** The words of man(7). */

import { expect, test } from "vitest";
import { entry, paragraphs, title, verbatim } from "../../../../src/cli/man/roff.ts";

test.for([
  ["a macro at the start of a line", ".dockerignore", ["\\&.dockerignore"]],
  ["characters of roff", "a\\b 'c' `d` ^e ~f -g", ["a\\eb \\(aqc\\(aq \\(gad\\(ga \\(hae \\(tif \\-g"]],
  ["an apostrophe at the start of a line", "'tis", ["\\(aqtis"]],
  ["characters beyond ASCII", "✓ é", ["\\[u2713] \\[u00E9]"]],
  ["two paragraphs", "a\nb\n\nc", ["a", "b", ".PP", "c"]],
  ["lines with a blank before them", "a\n\n  b\n  c", ["a", ".PP", ".nf", "  b", "  c", ".fi"]],
] as const)("paragraphs() writes what roff shows unchanged when it has %s", ([, text, lines]) => {
  expect(paragraphs(text)).toEqual(lines);
});

test("title() keeps every field one argument when it has blanks or quotes", () => {
  expect(title("A", 8, ["", 'b "c"'])).toBe('.TH "A" "8" "" "b \\(dqc\\(dq"');
});

test("entry() writes the term in bold above its meaning", () => {
  expect(entry("-n, --name", "a name")).toEqual([".TP", "\\fB\\-n, \\-\\-name\\fR", "a name"]);
});

test("verbatim() leaves lines as they are", () => {
  expect(verbatim("a  b\n c")).toEqual([".nf", "a  b", " c", ".fi"]);
});
