/** A lock of the node that another process has. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import type { Node } from "./node.ts";

/** Until the process's standard input ends. The file and its folder are made where they are missing. */
export async function holdLock(node: Node, path: string): Promise<ChildProcessWithoutNullStreams> {
  node.sh(`mkdir -p $(dirname ${path}); touch ${path}`);
  const [file = "", ...args] = node.command(["flock", path, "sh", "-c", "echo held; cat"]);
  const holder = spawn(file, args);
  await once(holder.stdout, "data");
  return holder;
}

export async function letGo(holder: ChildProcessWithoutNullStreams): Promise<void> {
  const gone = once(holder, "exit");
  holder.stdin.end();
  await gone;
}
