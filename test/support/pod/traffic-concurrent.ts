/** Many plugin calls at once. */

import { spawn } from "node:child_process";
import { type Finished, type Node, PODWIRE } from "../node/node.ts";
import { NETCONF } from "./attachment.ts";

export interface ConcurrentCall {
  readonly containerId: string;
  /** Put over the defaults. */
  readonly conf: object;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
type Answered = Finished & { readonly json: any };

/** Makes the pods that are missing, then all the calls at once. */
export function allAtOnce(
  node: Node,
  command: string,
  calls: readonly ConcurrentCall[],
): Promise<Answered[]> {
  const pods = calls.map(({ containerId }) => containerId);
  node.sh(`for pod in ${pods.join(" ")}; do test -e /run/netns/$pod || ip netns add $pod; done`);
  return Promise.all(calls.map((call) => start(node, command, call)));
}

function start(node: Node, command: string, { containerId, conf }: ConcurrentCall): Promise<Answered> {
  const variables = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: `/run/netns/${containerId}`,
    CNI_IFNAME: "eth0",
  };
  const [file = "", ...args] = node.command([PODWIRE]);
  const child = spawn(file, args, { env: { PATH: process.env.PATH ?? "", ...variables } });
  child.stdin.end(JSON.stringify({ ...NETCONF, ...conf }));
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (output.stderr += String(chunk)));
  return new Promise((resolve) => {
    child.on("close", (exitCode) => {
      const json = output.stdout === "" ? undefined : JSON.parse(output.stdout);
      resolve({ ...output, exitCode: exitCode ?? 128, json });
    });
  });
}
