/** A plugin call about a pod on a virtual function that ends at one of its changes, and what has to be right after it. */

import { expect } from "vitest";
import { type PodCall, SriovNode } from "./sriov.ts";
import { type Fault, failuresOf } from "./sriov-faults.ts";

const MAC = "02:00:00:00:00:99";
/** A pod that changes all that it can. */
export const POD: PodCall = {
  pod: "c1",
  wishes: [{ network: "web", perfTier: "limited" }],
  runtimeConfig: { mac: MAC },
  conf: { txQLen: 50 },
};

/** Each sweep is some thirty calls and more. */
export const SWEEP_TIMEOUT_MS = 600_000;

/** Two functions for {@link POD}, and for a pod on the network `db`. */
export async function createNode(): Promise<SriovNode> {
  const node = await SriovNode.create({ vfs: [2, 0] });
  await node.network("web", { vlan: 120, mtu: 1450, attach: { spoofchk: false, trust: true } });
  await node.network("db", { vlan: 130 });
  await node.tier("limited", { max: 200 });
  return node;
}

/** What was left, or complained of, after a fault at each change. */
export async function failuresAt(node: SriovNode, fault: Omit<Fault, "pod">) {
  const { count, failures } = await failuresOf(node, { ...fault, pod: POD });
  expect(count).toBeGreaterThanOrEqual(fault.verb === "ADD" ? 16 : 12);
  return failures;
}

/** What sets all right, by what it does. */
export const REMEDIES = [
  "DEL leaves nothing",
  "GC leaves nothing",
  "ADD gives another pod a clean function",
] as const;

/** The remedy as shell lines that print what is wrong. */
export function remedy(node: SriovNode, name: (typeof REMEDIES)[number]): string {
  if (name === "DEL leaves nothing") return node.line("DEL", POD);
  if (name === "GC leaves nothing")
    return node.line("GC", { pod: "", conf: { "cni.dev/valid-attachments": [] } });
  return attachAnother(node);
}

/** What ip shows of the other pod's function, whichever it is. */
const CLEAN = `"vlan_list":[{"vlan":130}],"rate":{"max_tx":0,"min_tx":0},"spoofchk":true,"link_state":"auto","trust":false`;

function attachAnother(node: SriovNode): string {
  const other = { pod: "c2", wishes: ["db"] };
  return `ip netns add c2; ( ${node.line("ADD", other)}) > /tmp/result
    mac=$(ip netns exec c2 cat /sys/class/net/eth0/address)
    ip -j link show eth0 | grep -qF '"address":"'$mac'","broadcast":"ff:ff:ff:ff:ff:ff",${CLEAN}' || ip link show eth0
    ip -n c2 link show eth0 | grep -q 'mtu 1500 .* qlen 1000' || ip -n c2 link show eth0
    [ $mac != ${MAC} ] || echo "it has the other pod's MAC"
    ( ${node.line("DEL", other)}); ip netns del c2
    ${node.line("DEL", POD)}`;
}
