/** Real shells, asked what they would complete. */

import { createNode, writeFile } from "./commands.ts";
import { type Node, PODWIRE } from "./node.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A node where `podwire` is a command. */
export async function createShellNode(): Promise<Node> {
  const node = await createNode();
  node.sh(`mkdir /run/bin; ln -s ${PODWIRE} /run/bin/podwire`);
  return node;
}

/** How each is made ready, and the key that puts every completion into the line. */
const INTERACTIVE = {
  bash: { command: "bash --norc --noprofile -i", setup: ["PS1= PS2="], insertAll: "\u001b*" },
  zsh: {
    command: "zsh -f -i",
    setup: [
      "PS1= PS2=",
      "bindkey -e",
      "autoload -U compinit && compinit -u -D",
      "zle -C all complete-word _generic",
      "bindkey '^X*' all",
      "zstyle ':completion:all:*' completer _all_matches _complete",
      "zstyle ':completion:all:*' insert yes",
    ],
    insertAll: "\u0018*",
  },
} as const;

const TO_START = "\u0001";
const TO_END = "\u0005";

/** The words that the shell offers for the last word of `line`, in the order of names; directories without a slash. */
export function completionsIn(node: Node, shell: Shell, line: string): string[] {
  const words = shell === "fish" ? askFish(node, line) : askTerminal(node, shell, line);
  return words
    .filter((word) => word !== "")
    .map((word) => word.replace(/\/$/, ""))
    .sort();
}

/** Types the line, lets the shell put all completions in place of its last word, and has the words printed. */
function askTerminal(node: Node, shell: "bash" | "zsh", line: string): string[] {
  const { command, setup, insertAll } = INTERACTIVE[shell];
  const typed = `${line}${insertAll}${TO_START}printf '%s\\n' ${TO_END} > /run/words`;
  const input = [...setup, `source <(podwire completion ${shell})`, typed, "exit", ""].join("\n");
  run(node, ["script", "-qec", command, "/dev/null"], input);
  const before = line.split(" ");
  const words = node
    .sh("cat /run/words")
    .trimEnd()
    .split("\n")
    .slice(before.length - 1);
  return words.filter((word) => word !== before.at(-1)); // where nothing is offered, the line stays as it is
}

function askFish(node: Node, line: string): string[] {
  writeFile(node, "/run/line", line);
  const ask = "podwire completion fish | source; complete -C (cat /run/line)";
  const printed = run(node, ["fish", "--no-config", "-c", ask], "");
  return printed.split("\n").map((candidate) => candidate.split("\t")[0] ?? "");
}

function run(node: Node, command: readonly string[], input: string): string {
  const env = { PATH: `/run/bin:${process.env.PATH}`, HOME: "/run", TERM: "dumb" };
  return node.run(command, { input, env }).stdout;
}
