/** `podwire man`: the manual page. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";

export const MAN: Command = {
  name: "man",
  summary: "print the manual page",
  description: paragraphs(`Prints the manual page podwire(8), in the language of man(7).

It has the same texts as --help, with all commands on one page.`),
  examples: [
    ["podwire man | man -l -", "reads it"],
    ["podwire man > /usr/local/share/man/man8/podwire.8", "for man podwire"],
  ],
  exitStatus: { 0: "done", 2: "wrong arguments" },
  run: async () => (await import("./run.ts")).runMan(),
};
