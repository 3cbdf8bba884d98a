/** `podwire trace` from pods on virtual functions: through the card to each other, and out of it. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { SriovNode } from "../support/sriov/sriov.ts";

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.createOnVlans();
});
afterEach(() => node.expectEmpty());

interface Traced {
  readonly status: number;
  readonly outcome: string;
  readonly last: { readonly at: string; readonly text: string; readonly advice: string | null } | undefined;
}

async function trace(line: string): Promise<Traced> {
  const { status, stdout } = await node.vm.run(`podwire trace ${line} --json`);
  const { outcome, hops } = JSON.parse(stdout);
  return { status, outcome, last: hops.at(-1) };
}

function reach(pod: string, address: string): Promise<void> {
  return node.vm.until(`ip netns exec ${pod} ping -c 1 -W 1 ${address}`);
}

async function reaches(pod: string, address: string): Promise<boolean> {
  return (await node.vm.run(`ip netns exec ${pod} ping -c 2 -i 0.2 -W 1 ${address}`)).status === 0;
}

test("trace says whom pods on virtual functions reach, by VLAN and link", async () => {
  const pods = [
    { pod: "c1", wishes: ["web"] },
    { pod: "c2", wishes: ["web"] },
    { pod: "c3", wishes: ["db"] },
  ];
  for (const pod of pods) await node.attach(pod);
  expect(await trace("c1 10.10.120.12")).toMatchObject({ status: 0, outcome: "arrives" });
  await reach("c1", "10.10.120.12");
  expect(await trace("c1 10.10.120.1")).toMatchObject({
    outcome: "leaves",
    last: { text: "eth0 is up: it leaves this node there" },
  });
  await reach("c1", "10.10.120.1");
  expect(await trace("c1 10.10.120.111")).toMatchObject({ status: 1, last: { at: "vlan" } });
  expect(await reaches("c1", "10.10.120.111")).toBe(false);
  const { vlan_list } = await node.onCard("eth0", 0);
  expect(vlan_list).toMatchObject([{ vlan: 120 }]);
  await node.vm.sh("ip link set dev eth0 down");
  expect(await trace("c1 10.10.120.1")).toMatchObject({
    status: 1,
    last: { at: "uplink", advice: "ip link set dev eth0 up" },
  });
  await node.vm.sh("ip link set dev eth0 up");
  for (const pod of pods) await node.detach(pod);
});
