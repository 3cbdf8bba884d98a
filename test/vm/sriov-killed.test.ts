/** ADD and DEL of a pod on a virtual function, killed or refused at each of their changes: what comes next sets all right. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { type PodCall, SriovNode } from "../support/sriov.ts";
import { type Fault, failuresOf, KILL } from "../support/sriov-faults.ts";

const MAC = "02:00:00:00:00:99";
/** A pod that changes all that it can. */
const POD: PodCall = {
  pod: "c1",
  wishes: [{ network: "web", perfTier: "limited" }],
  runtimeConfig: { mac: MAC },
  conf: { txQLen: 50 },
};

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [2, 0] });
  await node.network("web", { vlan: 120, mtu: 1450, attach: { spoofchk: false, trust: true } });
  await node.network("db", { vlan: 130 });
  await node.tier("limited", { max: 200 });
});
afterEach(() => node.expectEmpty());

/** What was left, or complained of, after a fault at each change. */
async function failuresAt(fault: Omit<Fault, "pod">) {
  const { count, failures } = await failuresOf(node, { ...fault, pod: POD });
  expect(count).toBeGreaterThanOrEqual(fault.verb === "ADD" ? 16 : 12);
  return failures;
}

const VERBS = ["ADD", "DEL"] as const;
/** Each is some thirty calls and more. */
const TIMEOUT_MS = 600_000;

test.each(VERBS)(
  "DEL leaves nothing when %s was killed before any of its changes",
  async (verb) => {
    const next = node.line("DEL", POD);
    expect(await failuresAt({ verb, effect: KILL, next })).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each(VERBS)(
  "GC leaves nothing when %s was killed before any of its changes",
  async (verb) => {
    const next = node.line("GC", { pod: "", conf: { "cni.dev/valid-attachments": [] } });
    expect(await failuresAt({ verb, effect: KILL, next })).toEqual([]);
  },
  TIMEOUT_MS,
);

/** What ip shows of the other pod's function, whichever it is. */
const CLEAN = `"vlan_list":[{"vlan":130}],"rate":{"max_tx":0,"min_tx":0},"spoofchk":true,"link_state":"auto","trust":false`;

test.each(VERBS)(
  "ADD gives another pod a clean function when %s was killed before any of its changes",
  async (verb) => {
    const other = { pod: "c2", wishes: ["db"] };
    const next = `ip netns add c2; ( ${node.line("ADD", other)}) > /tmp/result
      mac=$(ip netns exec c2 cat /sys/class/net/eth0/address)
      ip -j link show eth0 | grep -qF '"address":"'$mac'","broadcast":"ff:ff:ff:ff:ff:ff",${CLEAN}' || ip link show eth0
      ip -n c2 link show eth0 | grep -q 'mtu 1500 .* qlen 1000' || ip -n c2 link show eth0
      [ $mac != ${MAC} ] || echo "it has the other pod's MAC"
      ( ${node.line("DEL", other)}); ip netns del c2
      ${node.line("DEL", POD)}`;
    expect(await failuresAt({ verb, effect: KILL, next })).toEqual([]);
  },
  TIMEOUT_MS,
);

test("DEL leaves a function alone that the host uses since ADD was killed before its claim", async () => {
  const { ifname } = node.vf(0);
  const next = `ip link set ${ifname} up; ${node.line("DEL", POD)}
    ip link show ${ifname} | grep -q ',UP' || ip link show ${ifname}
    ip link set ${ifname} down`;
  const isAt = ({ syscall }: { syscall: string }) => syscall === "symlink";
  const fault = { verb: "ADD", pod: POD, effect: KILL, next, isAt } as const;
  expect(await failuresOf(node, fault)).toEqual({ count: 1, failures: [] });
});

test(
  "DEL forgets nothing when any of its changes is refused, and the next one finishes",
  async () => {
    const next = `ls /run/podwire/mynet/c1:eth0.json > /dev/null\n${node.line("DEL", POD)}`;
    expect(await failuresAt({ verb: "DEL", effect: "error=EIO", next })).toEqual([]);
  },
  TIMEOUT_MS,
);
