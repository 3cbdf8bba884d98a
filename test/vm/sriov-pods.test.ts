/** Pods on virtual functions, from ADD to DEL: what they are told, whom they reach, and who learns of them. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { SriovNode } from "../support/sriov/sriov.ts";

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.createOnVlans();
});
afterEach(() => node.expectEmpty());

// biome-ignore lint/suspicious/noExplicitAny: the document of an ADD
function addressOf(result: any): string {
  return result.ips[0].address.split("/")[0];
}

/** Waits for an answer: a virtual function's wire is there some time after the interface. */
function reach(pod: string, address: string): Promise<void> {
  return node.vm.until(`ip netns exec ${pod} ping -c 1 -W 1 ${address}`);
}

async function received(pod: string, address: string): Promise<string> {
  const { stdout } = await node.vm.run(`ip netns exec ${pod} ping -c 3 -i 0.2 -W 1 ${address}`);
  return /\d received/.exec(stdout)?.[0] ?? stdout;
}

test("ADD gives what the pod has when it gets a virtual function, and DEL puts that back", async () => {
  const { pciAddress, ifname } = node.vf(0);
  const before = await node.link(ifname);
  const result = await node.attach({ pod: "c1", wishes: ["web"] });
  expect(result).toEqual({
    cniVersion: "1.1.0",
    interfaces: [
      { name: "eth0", mac: before.address, mtu: 1500, sandbox: "/run/netns/c1", pciID: pciAddress },
    ],
    ips: [{ interface: 0, address: "10.10.120.11/24", gateway: "10.10.120.1" }],
    routes: [{ dst: "0.0.0.0/0", gw: "10.10.120.1" }],
  });
  expect(await node.link("eth0", "c1")).toMatchObject({
    ifindex: before.ifindex,
    address: before.address,
    mtu: 1500,
    parentdev: pciAddress,
    flags: expect.arrayContaining(["UP", "LOWER_UP"]),
    addr_info: [{ local: "10.10.120.11", prefixlen: 24 }, {}],
  });
  expect(await node.onCard("eth0", 0)).toMatchObject({ vlan_list: [{ vlan: 120 }] });
  const checked = await node.call("CHECK", { pod: "c1", wishes: ["web"], conf: { prevResult: result } });
  expect(checked).toMatchObject({ status: 0, stdout: "" });
  await node.detach({ pod: "c1", wishes: ["web"] });
});

test("pods reach who is in their VLAN and nobody else when networks share a subnet", async () => {
  await node.attach({ pod: "c1", wishes: ["web"] });
  const own = addressOf(await node.attach({ pod: "c2", wishes: ["web"] }));
  const other = addressOf(await node.attach({ pod: "c3", wishes: ["db"] }));
  const outside = "10.10.120.1";
  await reach("c1", own);
  await reach("c1", outside);
  expect(await received("c2", outside)).toBe("3 received");
  expect(await received("c1", other)).toBe("0 received");
  expect(await received("c3", own)).toBe("0 received");
  expect(await received("outside", other)).toBe("0 received");
  for (const pod of ["c1", "c2", "c3"]) await node.detach({ pod });
});

test("GC puts back all that a pod had when the runtime names another pod alone", async () => {
  await node.attach({ pod: "c1", wishes: ["web", "db"] });
  await node.attach({ pod: "c2", wishes: ["web"] });
  expect(await node.gc([{ containerID: "c2", ifname: "eth0" }])).toMatchObject({ status: 0, stderr: "" });
  await node.vm.sh("ip netns del c1");
  expect((await node.changes()).join("\n")).not.toMatch(/\/c1\b/);
  await reach("c2", "10.10.120.1");
  await node.detach({ pod: "c2" });
});

test.each([
  ["vf 0 has another VLAN", "ip link set eth0 vf 0 vlan 130", 'VF 0 of "eth0" has vlan 130, want 120'],
  ["its interface is down", "ip -n c1 link set eth0 down", 'interface "eth0" in the container is down'],
  ["an address is gone", "ip -n c1 address flush dev eth0", 'is missing on "eth0"'],
  ["a route is gone", "ip -n c1 route del default", "route 0.0.0.0/0 via 10.10.120.1 is missing"],
  [
    "its interface is gone",
    "ip -n c1 link set eth0 down; ip -n c1 link set eth0 name other",
    'interface "eth0" does not exist',
  ],
])("CHECK says so when %s", async (_, change, difference) => {
  const prevResult = await node.attach({ pod: "c1", wishes: ["web"] });
  await node.vm.sh(change);
  const { result } = await node.call("CHECK", { pod: "c1", wishes: ["web"], conf: { prevResult } });
  expect(result.code).toBe(102);
  expect(result.msg).toContain(difference);
  await node.detach({ pod: "c1", wishes: ["web"] });
});

test("neighbours send to the new pod at once when it has the address of an earlier one", async () => {
  await node.write("endpoints/default.fixed.json", { network: "web", addresses: ["10.10.120.50"] });
  const neighbour = async () => (await node.vm.json("ip -n outside -j neighbour show 10.10.120.50"))[0];
  const wishes = [{ endpointId: "fixed" }];
  for (const place of [0, 1]) {
    const conf = { deviceID: node.vf(place).pciAddress };
    const { interfaces } = await node.attach({ pod: "c1", wishes, conf });
    // The first time somebody has to ask; what is known then is corrected by the announcement alone.
    if (place === 0) await reach("outside", "10.10.120.50");
    await node.vm.until(
      `ip -n outside neighbour show 10.10.120.50 | grep -q ${interfaces[0].mac}`,
      place === 0 ? 1 : 5,
    );
    expect((await neighbour()).lladdr).toBe(interfaces[0].mac);
    await node.detach({ pod: "c1", wishes, conf });
  }
});
