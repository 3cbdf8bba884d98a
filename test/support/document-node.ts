/** The node of the documents: an interface to a world outside, podwire built but not installed, cnitool as the runtime. */

import { resolve } from "node:path";
import { writeFile } from "./commands.ts";
import { createBareNode } from "./install.ts";
import { type Node, PODWIRE } from "./node.ts";
import { referenceTool } from "./reference.ts";
import type { Shell } from "./terminal.ts";

/** Where the documents' commands are called: a clone of this repository with what a build has made. */
const CLONE = "/run/podwire-src";
const TOOLS = "/run/tools";

/** Attaches a namespace as a container runtime does: `pod NAMESPACE/NAME`, in the namespace /run/netns/NAME. */
const POD = `#!/bin/sh
set -e
verb=$1 name=\${2#*/}
[ -e /run/netns/$name ] || ip netns add $name
export CNI_PATH=/opt/cni/bin CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=\${2%/*};K8S_POD_NAME=$name"
cnitool $verb podwire /run/netns/$name
`;

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
    ln -s ${referenceTool("cnitool")} ${PODWIRE} ${TOOLS}`);
  writeFile(node, `${TOOLS}/pod`, POD);
  node.sh(`chmod +x ${TOOLS}/pod`);
  return node;
}

/** In the clone, with what the documents call in PATH. */
export function shellOn(node: Node): Shell {
  const env = { PATH: `${TOOLS}:${process.env.PATH}`, HOME: "/root" };
  return async (script) => node.run(["timeout", "60", "sh", "-c", `cd ${CLONE}\n${script}`], { env }).stdout;
}
