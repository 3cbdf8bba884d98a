/** `podwire completion`: what makes a shell complete podwire's command lines; `complete` is what these scripts ask. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION: Command<object, [shell: Shell]> = {
  name: "completion",
  summary: "print a shell's completion script",
  description: paragraphs(`Prints a script for the completion of podwire's command lines: commands, options,
their values, and names of what is on this node.

  bash  /usr/share/bash-completion/completions/podwire  (with bash-completion)
  zsh   /usr/local/share/zsh/site-functions/_podwire
  fish  /usr/share/fish/vendor_completions.d/podwire.fish`),
  arguments: [{ term: "<shell>", values: { only: SHELLS }, description: "name of the shell" }],
  examples: [
    [
      "source <(podwire completion bash)",
      "for this shell only; the same in zsh; in fish: podwire completion fish | source",
    ],
    ["podwire completion bash > /usr/share/bash-completion/completions/podwire", "for all new shells"],
  ],
  exitStatus: { 0: "done", 2: "no such shell" },
  run: async (call) => (await import("./print-script.ts")).printScript(call),
};

export const COMPLETE: Command<object, [words: readonly string[]]> = {
  name: "complete",
  summary: "",
  description: [],
  isHidden: true,
  arguments: [{ term: "[words...]", values: "anything" }],
  run: async (call) => (await import("./print-candidates.ts")).printCandidates(call),
};
