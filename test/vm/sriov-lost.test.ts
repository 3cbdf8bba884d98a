/** Virtual functions whose pods end otherwise than by DEL, or of which something was lost: all is as before once more. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { type PodCall, SriovNode } from "../support/sriov/sriov.ts";

const MAC = "02:00:00:00:00:99";
/** Settings that outlive a namespace. */
const WEB = { vlan: 120, vlanQos: 3, attach: { spoofchk: false, trust: true } };
const POD: PodCall = { pod: "c1", wishes: [{ network: "web", perfTier: "limited" }] };
/** A pod that changes all that it can. */
const FULL: PodCall = {
  pod: "c1",
  wishes: [{ network: "all", perfTier: "limited" }],
  runtimeConfig: { mac: MAC },
  conf: { txQLen: 50, promisc: true },
};

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [1, 0] });
  await node.network("web", WEB);
  await node.network("db", { vlan: 130 });
  await node.network("all", { ...WEB, mtu: 1450 });
  await node.tier("limited", { max: 200 });
});
afterEach(() => node.expectEmpty());

const SWEEPERS: readonly (readonly [sweeper: string, sweep: (call: PodCall) => Promise<unknown>])[] = [
  ["DEL", (call) => node.detach(call)],
  ["DEL without CNI_NETNS", (call) => node.detach({ ...call, netns: "" })],
  ["GC", async () => expect(await node.gc([])).toMatchObject({ status: 0 })],
  ["podwire repair", () => node.vm.sh("podwire repair")],
];

/** The card is eth0 too, so that a function of that name comes back under another one, dev<ifindex>. */
const ENDS = SWEEPERS.flatMap(([sweeper, sweep]) =>
  ["net1", "eth0"].map((ifname) => [sweeper, ifname, sweep] as const),
);

test.each(ENDS)("%s puts everything back when the namespace of %s is gone", async (_, ifname, sweep) => {
  const call = { ...FULL, ifname };
  await node.attach(call);
  await node.vm.sh("ip netns del c1");
  await sweep(call);
});

test("DEL puts everything back when CNI_NETNS is empty and the namespace is there", async () => {
  await node.attach(POD);
  await node.detach({ ...POD, netns: "" });
});

test("DEL says so and forgets nothing while a process keeps the namespace", async () => {
  await node.attach(POD);
  const process = node.vm.run("ip netns exec c1 sh -c 'echo $$ > /tmp/process; exec sleep 1000'");
  await node.vm.until("kill -0 $(cat /tmp/process)");
  await node.vm.sh("ip netns del c1");
  const { status, result } = await node.call("DEL", POD);
  expect([status, result.code]).toEqual([1, 103]);
  expect(result.msg).toContain(`virtual function ${node.vf(0).pciAddress} is neither on the host nor in`);
  await node.vm.sh("kill $(cat /tmp/process)");
  await process;
  await node.detach(POD);
});

test("DEL puts everything back when the card is down", async () => {
  await node.attach(POD);
  // At once: while its link goes, this card refuses to take a limit away.
  await node.vm.sh(`ip link set eth0 down\n${node.line("DEL", POD)}ip netns del c1`);
  await node.vm.sh("ip link set eth0 up");
  await node.vm.until("grep -q 1 /sys/class/net/eth0/carrier");
});

/** As a node is after a reboot, but for the functions: those keep what the pod had. */
async function reboot(): Promise<void> {
  await node.vm.sh(`ip netns del c1; rm -r /run/podwire
    cd /var/lib/cni/podwire/all; echo 11111111-2222-3333-4444-555555555555 > boot_id; touch -d @1000000000 10.*`);
  await node.vm.until(`ls -d /sys/bus/pci/devices/${node.vf(0).pciAddress}/net/*`);
}

test("ADD gives a clean function, and frees the address, when the node was started again", async () => {
  const { address } = await node.link(node.vf(0).ifname);
  const { ips } = await node.attach(FULL);
  await reboot();
  const result = await node.attach({ pod: "c2", wishes: ["db"] });
  expect(await node.onCard("eth0", 0)).toMatchObject({
    address,
    vlan_list: [{ vlan: 130 }],
    rate: { max_tx: 0 },
    spoofchk: true,
    trust: false,
  });
  expect(result.interfaces).toMatchObject([{ mac: address, mtu: 1500 }]);
  expect(await node.link("eth0", "c2")).toMatchObject({ address, mtu: 1500, txqlen: 1000, promiscuity: 0 });
  await node.detach({ pod: "c2" });
  await node.attach({ pod: "c3", wishes: ["all"] });
  expect(await node.vm.sh("ls /var/lib/cni/podwire/all")).not.toContain(ips[0].address.split("/")[0]);
  await node.detach({ pod: "c3" });
});

/** The addresses of an earlier boot wait for the network's next ADD. */
async function expectFunctionBack(): Promise<void> {
  expect((await node.changes()).filter((change) => !change.includes("/var/lib/cni/"))).toEqual([]);
}

test("GC puts the function back when the node was started again", async () => {
  await node.attach(FULL);
  await reboot();
  expect(await node.gc([])).toMatchObject({ status: 0 });
  await expectFunctionBack();
  await node.attach({ pod: "c3", wishes: ["all"] });
  await node.detach({ pod: "c3" });
});

const OTHER_DIR = "/etc/podwire";

test("GC puts the function back when the node was started again and its networks are in another directory", async () => {
  await node.vm.sh(`cp -r /etc/cni/net.d/podwire.d ${OTHER_DIR}; rm -r /etc/cni/net.d/podwire.d/networks`);
  const conf = { configDir: OTHER_DIR };
  await node.attach({ ...FULL, conf });
  await reboot();
  const collected = await node.call("GC", { pod: "", conf: { ...conf, "cni.dev/valid-attachments": [] } });
  expect(collected).toMatchObject({ status: 0 });
  await expectFunctionBack();
  await node.attach({ pod: "c3", wishes: ["all"], conf });
  await node.detach({ pod: "c3", conf });
  await node.vm.sh(`cp -r ${OTHER_DIR}/networks /etc/cni/net.d/podwire.d; rm -r ${OTHER_DIR}`);
});

const RECORD = "/run/podwire/mynet/c1:eth0.json";
const LOSSES: readonly (readonly [lost: string, paths: string])[] = [
  ["its record", RECORD],
  ["its claim", "/run/podwire/.vfs/0*"],
  ["its record and its claim", `${RECORD} /run/podwire/.vfs/0*`],
];

test.each(LOSSES)("DEL puts everything back when somebody has deleted %s", async (_, paths) => {
  await node.attach(FULL);
  await node.vm.sh(`rm ${paths}`);
  await node.detach(FULL);
});

test.each(LOSSES)(
  "GC puts everything back when somebody has deleted %s and the pod is gone",
  async (_, paths) => {
    await node.attach(FULL);
    await node.vm.sh(`rm ${paths}; ip netns del c1`);
    await node.vm.until(`ls -d /sys/bus/pci/devices/${node.vf(0).pciAddress}/net/*`);
    expect(await node.gc([])).toMatchObject({ status: 0 });
  },
);

test.each(LOSSES)("ADD leaves the pod its function when somebody has deleted %s", async (_, paths) => {
  await node.attach(FULL);
  await node.vm.sh(`rm ${paths}`);
  await node.vm.addNetns("c2");
  const { result } = await node.call("ADD", { pod: "c2", wishes: ["db"] });
  expect(result).toMatchObject({ code: 11, msg: expect.stringContaining("eth0 has 1 VF: 1 ") });
  expect(await node.link("eth0", "c1")).toMatchObject({ parentdev: node.vf(0).pciAddress });
  await node.vm.sh("ip netns del c2");
  await node.detach(FULL);
});
