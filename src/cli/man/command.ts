/** `podwire man`: the manual page. */

import { rootOf } from "../completion/position.ts";
import type { Program } from "../program.ts";
import { dateText, versionNumber } from "../version.ts";
import { formatPage } from "./page.ts";

const DESCRIPTION = `Prints the manual page podwire(8), in the language of man(7).

It is made from the same texts as --help, with all commands on one page.`;

const EXAMPLES = `
Examples:
  podwire man | man -l -
      reads it
  podwire man > /usr/local/share/man/man8/podwire.8
      for man podwire

Exit status: 0 done, 2 wrong arguments.`;

export function addMan({ command: program }: Program): void {
  program
    .command("man")
    .summary("print the manual page")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES)
    .action(() => {
      const edition = { version: versionNumber(), date: dateText() };
      process.stdout.write(formatPage(rootOf(program), edition));
    });
}
