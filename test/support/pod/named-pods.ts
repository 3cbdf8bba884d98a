/** Pods that ask for networks by name, attached by real plugin calls. */

import type { Node } from "../node/node.ts";

const PLUGIN = {
  cniVersion: "1.0.0",
  name: "pods",
  type: "podwire",
  bridge: "cni0",
  ipam: { type: "host-local", subnet: "10.244.0.0/24" },
};

/** What a pod says of its first interface: `{ network: "web" }`, `{ endpointId: "ep1" }`. */
export type Wish = Readonly<Record<string, string>>;

function call(node: Node, command: string, { containerId, wish }: { containerId: string; wish: Wish }) {
  const annotations = { "diamanti.com/endpoint0": JSON.stringify(wish) };
  return node.cni({
    command,
    containerId,
    netns: `/run/netns/${containerId}`,
    ifname: "eth0",
    conf: { ...PLUGIN, runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } },
  });
}

/** Makes the pod and gives its result. @throws where ADD fails */
export function addNamedPod(node: Node, containerId: string, wish: Wish) {
  node.addPod(containerId);
  const { exitCode, json, stdout, stderr } = call(node, "ADD", { containerId, wish });
  if (exitCode !== 0) throw new Error(`ADD: ${stdout}${stderr}`);
  return json;
}

/** @throws where DEL fails */
export function deleteNamedPod(node: Node, containerId: string, wish: Wish): void {
  const { exitCode, stdout, stderr } = call(node, "DEL", { containerId, wish });
  if (exitCode !== 0) throw new Error(`DEL: ${stdout}${stderr}`);
}
