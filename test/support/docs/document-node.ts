/** The node of the documents: an interface to a world outside, podwire built but not installed, cnitool as the runtime. */

import { resolve } from "node:path";
import { createBareNode } from "../node/install.ts";
import { type Node, PODWIRE } from "../node/node.ts";
import { referenceTool } from "../reference/reference.ts";
import type { Shell } from "./terminal.ts";

/** Where the documents' commands are called: a clone of this repository with what a build has made. */
const CLONE = "/run/podwire-src";
const TOOLS = "/run/tools";

const WORLD = `
ip netns add outside
ip link add eth0 type veth peer name eth0 netns outside
ip address add 192.0.2.10/24 dev eth0
ip link set eth0 up
ip -n outside link set lo up
ip -n outside address add 192.0.2.1/24 dev eth0
ip -n outside link set eth0 up
ip route add default via 192.0.2.1
`;

export async function createDocumentNode(): Promise<Node> {
  const node = await createBareNode();
  node.sh(`${WORLD}
    mkdir -p ${CLONE}/dist ${TOOLS}
    ln -s ${PODWIRE} ${CLONE}/dist/podwire
    ln -s ${resolve("conf")} ${CLONE}/conf
    ln -s ${PODWIRE} ${TOOLS}/podwire
    ln -s ${referenceTool("cnitool")} ${TOOLS}`);
  // What a document writes elsewhere than the node's own directories would be the machine's.
  node.sh("mount -o remount,bind,ro /");
  return node;
}

/** In the clone, with what the documents call in PATH. */
export function shellOn(node: Node): Shell {
  const env = { PATH: `${TOOLS}:${process.env.PATH}`, HOME: "/root" };
  return async (script) => node.run(["timeout", "60", "sh", "-c", `cd ${CLONE}\n${script}`], { env }).stdout;
}
