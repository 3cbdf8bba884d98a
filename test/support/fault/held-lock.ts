/** A lock of the node that another process has. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { type Node, PODWIRE } from "../node/node.ts";
import { NETCONF } from "../pod/attachment.ts";

/** Until the process's standard input ends. The file and its directory are made where they are missing. */
export async function holdLock(node: Node, path: string): Promise<ChildProcessWithoutNullStreams> {
  node.sh(`mkdir -p $(dirname ${path}); touch ${path}`);
  const [file = "", ...args] = node.command(["flock", path, "sh", "-c", "echo held; cat"]);
  const holder = spawn(file, args);
  await once(holder.stdout, "data");
  return holder;
}

/** An ADD that runs, about the pod of the container's name; it prints EAGAIN on standard error when it meets a lock. */
export function startAdd(node: Node, containerId: string, conf: object = {}): ChildProcessWithoutNullStreams {
  const variables = {
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: containerId,
    CNI_NETNS: `/run/netns/${containerId}`,
    CNI_IFNAME: "eth0",
  };
  const [file = "", ...args] = node.command(["strace", "-qq", "-e", "trace=flock", PODWIRE]);
  const adding = spawn(file, args, { env: { PATH: process.env.PATH ?? "", ...variables } });
  adding.stdin.end(JSON.stringify({ ...NETCONF, ...conf }));
  return adding;
}

export async function letGo(holder: ChildProcessWithoutNullStreams): Promise<void> {
  const gone = once(holder, "exit");
  holder.stdin.end();
  await gone;
}
