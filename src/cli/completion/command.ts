/** `podwire completion`: what makes a shell complete podwire's command lines; `complete` is what these scripts ask. */

import { Argument } from "commander";
import type { Program } from "../program.ts";
import { complete, toLines } from "./complete.ts";
import bash from "./podwire.bash" with { type: "text" };
import fish from "./podwire.fish" with { type: "text" };
import zsh from "./podwire.zsh" with { type: "text" };
import { rootOf } from "./position.ts";
import { valuesOnNode } from "./values.ts";

const SCRIPTS: Readonly<Record<string, string>> = { bash, zsh, fish };

const DESCRIPTION = `Prints a script that lets a shell complete command lines of podwire: commands,
options, their values, and the names of what is on this node.

  bash  /usr/share/bash-completion/completions/podwire  (with bash-completion)
  zsh   /usr/local/share/zsh/site-functions/_podwire
  fish  /usr/share/fish/vendor_completions.d/podwire.fish`;

const EXAMPLES = `
Examples:
  source <(podwire completion bash)
      for this shell alone; zsh the same; fish: podwire completion fish | source
  podwire completion bash > /usr/share/bash-completion/completions/podwire
      for every shell that is started from now on

Exit status: 0 done, 2 no such shell.`;

export function addCompletion({ command: program }: Program): void {
  program
    .command("completion")
    .summary("print a shell's completion script")
    .description(DESCRIPTION)
    .addArgument(new Argument("<shell>", "whose script").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", EXAMPLES)
    .action((shell: string) => {
      process.stdout.write(SCRIPTS[shell] ?? "");
    });
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action((words: readonly string[]) => {
      for (const line of toLines(complete(rootOf(program), words, valuesOnNode))) console.log(line);
    });
}
