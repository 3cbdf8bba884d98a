/** A table with `flags owner`: it goes with the program that made it, and nobody else may change it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Node } from "../node/node.ts";

/** `content`: what stands in the table's braces after the flags. It lives until `end`. */
export async function holdTable(node: Node, table: string, content = "") {
  const [file = "", ...args] = node.command(["nft", "-i"]);
  const holder = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  holder.stdin.write(`add table ${table} { flags owner; ${content} }\nlist tables\n`);
  await once(holder.stdout, "data");
  const end = async () => {
    holder.stdin.end();
    await once(holder, "exit");
  };
  return { end, [Symbol.asyncDispose]: end };
}
