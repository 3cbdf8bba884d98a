/** Text broken into lines, and texts of the source made whole. */

import { expect, test } from "vitest";
import { paragraphs } from "../../../../src/cli/help/paragraphs.ts";
import { wrap, wrapIndented } from "../../../../src/cli/help/wrap.ts";

test.for([
  ["words that fit exactly", "ab cd ef", 5, ["ab cd", "ef"]],
  ["a word that is longer than the line", "a bcdefgh i", 4, ["a", "bcdefgh", "i"]],
  ["no word", "", 4, [""]],
] as const)("wrap() breaks a text when it has %s", ([, text, width, lines]) => {
  expect(wrap(text, width)).toEqual(lines);
});

test("wrapIndented() counts the blanks before a line", () => {
  expect(wrapIndented("ab cd", 2, 6)).toEqual(["  ab", "  cd"]);
});

test("paragraphs() joins the lines of a text and keeps those of a table", () => {
  expect(paragraphs("a\nb\n\n  c  d\n  e  f\n\ng")).toEqual(["a b", "  c  d\n  e  f", "g"]);
});
