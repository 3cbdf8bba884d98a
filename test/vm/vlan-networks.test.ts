/** Networks on VLANs of an uplink, by bridge and by macvlan: whom pods reach, how fast, and what is left of it all. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { SriovNode } from "../support/sriov/sriov.ts";

/** eth1 is the other end of the wire, with a host in each VLAN. */
const VLANS = [120, 130] as const;
const KINDS = ["bridge", "macvlan"] as const;
type Kind = (typeof KINDS)[number];

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [0, 0] });
  await node.tier("limited", { min: 5, max: 20 });
  await node.vm.sh("ip link set eth1 up");
  for (const vlan of VLANS)
    await node.vm.sh(`ip netns add outside${vlan}
      ip link add link eth1 name eth1.${vlan} type vlan id ${vlan}; ip link set eth1.${vlan} netns outside${vlan}
      ip -n outside${vlan} address add 10.10.${vlan}.1/24 dev eth1.${vlan}
      ip -n outside${vlan} link set eth1.${vlan} up`);
  await node.settle();
});
afterEach(() => node.expectEmpty());

/** Networks `web` in VLAN 120, `db` in VLAN 130, with addresses of one subnet for both, so that no route parts them. */
async function makeNetworks(kind: Kind): Promise<void> {
  const attach = { kind, pfs: undefined, uplink: "eth0" };
  await node.network("web", { vlan: 120, attach });
  await node.network("db", {
    vlan: 130,
    attach,
    ranges: [{ subnet: "10.10.120.0/24", start: "10.10.120.111", end: "10.10.120.120" }],
  });
}

/** Removes the networks, as `podwire network delete` does, and what was made for them. */
async function removeNetworks(): Promise<void> {
  await node.vm.sh(
    "for name in $(podwire network list --json | jq -r '.[].name'); do podwire network delete -y $name; done",
  );
}

function reach(pod: string, address: string): Promise<void> {
  return node.vm.until(`ip netns exec ${pod} ping -c 1 -W 1 ${address}`);
}

async function reaches(pod: string, address: string): Promise<boolean> {
  return (await node.vm.run(`ip netns exec ${pod} ping -c 1 -W 1 ${address}`)).status === 0;
}

/** Interfaces of the node that were not there before. */
async function ownLinks(): Promise<string[]> {
  const links: { ifname: string }[] = await node.vm.json("ip -j link show");
  return links.map(({ ifname }) => ifname).filter((ifname) => /^pw-|\.\d+$/.test(ifname));
}

test.each(KINDS)(
  "pods by %s reach who is in their VLAN, outside too, and nobody in another",
  async (kind) => {
    await makeNetworks(kind);
    const addresses: string[] = [];
    for (const [pod, network] of [
      ["c1", "web"],
      ["c2", "web"],
      ["c3", "db"],
    ] as const) {
      const result = await node.attach({ pod, wishes: [network] });
      addresses.push(result.ips[0].address.split("/")[0]);
      const checked = await node.call("CHECK", { pod, wishes: [network], conf: { prevResult: result } });
      expect(checked).toMatchObject({ status: 0, stdout: "" });
    }
    const [, second = "", third = ""] = addresses;
    await reach("c1", second);
    await reach("c1", "10.10.120.1");
    await node.vm.sh("ip -n outside130 address add 10.10.120.2/24 dev eth1.130");
    await reach("c3", "10.10.120.2");
    const strangers = [
      ["c1", third],
      ["c3", second],
      ["c1", "10.10.120.2"],
      ["c3", "10.10.120.1"],
    ] as const;
    const answers = await Promise.all(strangers.map(([pod, address]) => reaches(pod, address)));
    expect(answers).toEqual([false, false, false, false]);
    await node.vm.sh("ip -n outside130 address del 10.10.120.2/24 dev eth1.130");
    for (const pod of ["c1", "c2", "c3"]) await node.detach({ pod });
    await removeNetworks();
  },
);

const SHARED: readonly (readonly [kind: Kind, one: string[], both: string[]])[] = [
  ["bridge", ["pw-eth0"], ["pw-eth0"]],
  ["macvlan", ["eth0.120"], ["eth0.120", "eth0.130"]],
];

test.each(SHARED)(
  "what pods by %s share is there from the first pod to the end of the last network",
  async (kind, one, both) => {
    await makeNetworks(kind);
    expect(await ownLinks()).toEqual([]);
    await node.attach({ pod: "c1", wishes: ["web"] });
    expect(await ownLinks()).toEqual(expect.arrayContaining(one));
    await node.attach({ pod: "c2", wishes: ["db"] });
    expect((await ownLinks()).sort()).toEqual(both);
    await node.detach({ pod: "c2" });
    await node.vm.sh("podwire network delete -y db");
    expect((await ownLinks()).sort()).toEqual(one);
    if (kind === "bridge") {
      const [{ vlans }] = await node.vm.json("bridge -j vlan show dev eth0");
      expect(vlans.map(({ vlan }: { vlan: number }) => vlan)).toEqual([1, 120]);
    }
    await reach("c1", "10.10.120.1");
    await node.detach({ pod: "c1" });
    await node.vm.sh("podwire network delete -y web");
    expect(await ownLinks()).toEqual([]);
    // What the kernel makes of the card's own MAC.
    expect(await node.link("eth0")).toMatchObject({ addr_info: [{ local: "fe80::5054:ff:feaa:1" }] });
  },
);

/** Payload in Mbit/s that one connection from a pod to the host outside gets through. */
async function throughput(pod: string): Promise<number> {
  const received = node.vm.sh(
    "ip netns exec outside120 throughput receive 5001 262144 2000 > /tmp/received; tail -n 1 /tmp/received",
  );
  await node.vm.until("grep -q ready /tmp/received");
  await node.vm.sh(`ip netns exec ${pod} throughput send 10.10.120.1 5001`);
  const bits = Number(await received);
  await node.vm.sh("rm /tmp/received");
  return bits / 1e6;
}

test.each(KINDS)(
  "a pod by %s sends as fast as its tier allows, and another as fast as it can",
  async (kind) => {
    await makeNetworks(kind);
    await node.attach({ pod: "c1", wishes: [{ network: "web", perfTier: "limited" }] });
    await node.attach({ pod: "c2", wishes: ["web"] });
    await reach("c1", "10.10.120.1");
    await reach("c2", "10.10.120.1");
    const limited = await throughput("c1");
    // The limit counts whole frames, of which TCP payload is some 5 % less.
    expect(limited).toBeGreaterThan(20 * 0.85);
    expect(limited).toBeLessThan(20 * 1.15);
    expect(await throughput("c2")).toBeGreaterThan(2 * limited);
    for (const pod of ["c1", "c2"]) await node.detach({ pod });
    expect(await node.vm.sh("tc class show dev eth0")).not.toContain("7077:");
    await removeNetworks();
  },
);

test("the first pod after a reboot finds the addresses free that pods had before, and those of endpoints kept", async () => {
  const ranges = [{ subnet: "10.10.120.0/24", start: "10.10.120.11", end: "10.10.120.12" }];
  await node.network("web", {
    vlan: 120,
    ranges,
    attach: { kind: "macvlan", pfs: undefined, uplink: "eth0" },
  });
  await node.write("endpoints/default.fixed.json", { network: "web", addresses: ["10.10.120.12"] });
  const fixed = [{ endpointId: "fixed" }];
  const addressOf = async (pod: string, wishes: (string | object)[]) =>
    (await node.attach({ pod, wishes })).ips[0].address;
  expect(await addressOf("c1", ["web"])).toBe("10.10.120.11/24");
  expect(await addressOf("c2", fixed)).toBe("10.10.120.12/24");
  await node.vm.sh(`for pod in c1 c2; do ip netns del $pod; done; rm -r /run/podwire; ip link del eth0.120
    cd /var/lib/cni/podwire/web; echo 11111111-2222-3333-4444-555555555555 > boot_id; touch -d @1000000000 10.*`);
  expect(await addressOf("c3", ["web"])).toBe("10.10.120.11/24");
  await node.vm.addNetns("c4");
  expect((await node.call("ADD", { pod: "c4", wishes: ["web"] })).result).toMatchObject({ code: 11 });
  expect(await addressOf("c4", fixed)).toBe("10.10.120.12/24");
  for (const pod of ["c3", "c4"]) await node.detach({ pod });
  await node.vm.sh("podwire endpoint delete -y fixed");
  await removeNetworks();
});

test("pods by bridge reach who is untagged when their network has no VLAN and somebody has put the uplink into one", async () => {
  await makeNetworks("bridge");
  await node.network("plain", { attach: { kind: "bridge", pfs: undefined, uplink: "eth0" } });
  await node.vm.sh("ip address add 10.10.1.1/24 dev eth1");
  await node.attach({ pod: "c1", wishes: ["web"] }); // from now on the bridge tells VLANs apart
  const leave = "bridge vlan del dev eth0 vid 1; bridge vlan add dev eth0 vid 300 pvid untagged";
  await node.vm.sh(leave);
  const call = { pod: "c2", wishes: ["plain"] };
  const prevResult = await node.attach(call);
  await reach("c2", "10.10.1.1");
  const check = () => node.call("CHECK", { ...call, conf: { prevResult } });
  expect(await check()).toMatchObject({ status: 0, stdout: "" });
  await node.vm.sh(leave);
  expect((await check()).result.msg).toContain('uplink "eth0" does not carry VLAN 1 untagged');
  for (const pod of ["c1", "c2"]) await node.detach({ pod });
  await node.vm.sh("ip address flush dev eth1");
  await removeNetworks();
});
