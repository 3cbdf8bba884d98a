/** The address reservations of a node as facts: each file's name and exact content. */

import type { Node } from "../node/node.ts";
import type { Facts } from "./facts.ts";

/** Files below `directory` with their text, white space visible as in JSON; lock files, which are empty, by name alone. */
export function observeFiles(node: Node, directory = "/var/lib/cni/networks"): Facts {
  const script = `cd ${directory} 2>/dev/null || exit 0
    find . -type f | while read -r file; do printf '%s %s\\n' "$file" "$(base64 -w0 "$file")"; done`;
  const lines = node.sh(script).split("\n");
  const facts = lines
    .filter((line) => line !== "")
    .map((line) => {
      const [path = "", content = ""] = line.split(" ");
      const text = Buffer.from(content, "base64").toString();
      return [`file[${path.replace(/^\.\//, "")}]`, JSON.stringify(text)] as const;
    });
  return new Map(facts);
}
