/** A gateway in each VLAN of a bridge: made with the first pod of the VLAN, gone with the last. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { VlanBridge } from "../support/vm/vlan-bridge.ts";

let bridge: VlanBridge;
beforeAll(async () => {
  bridge = await VlanBridge.create();
});
afterEach(() => bridge.clear());

const SUBNETS = { 100: "10.1.0.0/16", 200: "10.2.0.0/16" } as const;

/** A network whose gateway is the node's interface in the VLAN. */
function network(vlan: 100 | 200, conf: object = {}): object {
  const ipam = { type: "host-local", subnet: SUBNETS[vlan], routes: [{ dst: "0.0.0.0/0" }] };
  return { name: `net${vlan}`, vlan, isGateway: true, ipam, ...conf };
}

const UNTAGGED = (vlan: number) => [`${vlan} PVID Egress Untagged`];

test("pods have their gateway in their own VLAN, and reach the other VLAN through the node", async () => {
  const { interfaces, ips } = await bridge.add("c1", network(100));
  await bridge.add("c2", network(200));
  expect(interfaces.map(({ name }: { name: string }) => name)).toEqual([
    "br0",
    expect.anything(),
    "eth0",
    "br0.100",
  ]);
  expect(ips).toMatchObject([{ address: "10.1.0.2/16", gateway: "10.1.0.1", interface: 2 }]);
  expect(await bridge.prefixesOf("br0.100")).toEqual(["10.1.0.1/16"]);
  expect(await bridge.prefixesOf("br0.200")).toEqual(["10.2.0.1/16"]);
  expect(await bridge.prefixesOf("br0")).toEqual([]);
  expect(await bridge.gatewayPortVlans("br0.100")).toEqual(UNTAGGED(100));
  await bridge.awaitReach("c1", "10.1.0.1");
  await bridge.awaitReach("c1", "10.2.0.2");
  // Without the gateways there is no way from VLAN to VLAN.
  await bridge.vm.sh("sysctl -qw net.ipv4.ip_forward=0");
  expect(await bridge.reaches("c1", "10.2.0.2")).toBe(false);
});

test("results, addresses and VLANs of a gateway are the reference plugin's", async () => {
  const facts = async (result: { interfaces: { name: string; sandbox?: string }[] }) => ({
    names: result.interfaces
      .map(({ name, sandbox }) => (sandbox === undefined ? name : `${name} in the pod`))
      .toSpliced(1, 1),
    prefixes: await bridge.prefixesOf("br0.100"),
    vlans: await bridge.gatewayPortVlans("br0.100"),
    kind: (await bridge.vm.json("ip -j -d link show dev br0.100"))[0].linkinfo.info_kind,
  });
  const ours = await facts(await bridge.add("c1", network(100)));
  await bridge.clear();
  const theirs = await facts(await bridge.addByReference("c1", network(100)));
  expect(ours).toEqual(theirs);
});

test("a gateway stays while its VLAN has a pod and goes with the last one", async () => {
  await bridge.add("c1", network(100));
  await bridge.add("c2", network(100));
  await bridge.add("c3", network(200));
  expect(await bridge.call("DEL", "c1", network(100))).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await bridge.links()).toContain("br0.100");
  expect(await bridge.call("DEL", "c2", network(100))).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await bridge.links()).not.toContain("br0.100");
  await bridge.awaitReach("c3", "10.2.0.1");
  expect(await bridge.call("DEL", "c3", network(200))).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await bridge.links()).toEqual(["br0"]);
});

test("DEL without a record takes the gateway along when the configuration names it", async () => {
  await bridge.add("c1", network(100));
  await bridge.vm.sh("rm -r /run/podwire/net100");
  expect(await bridge.call("DEL", "c1", network(100))).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await bridge.links()).toEqual(["br0"]);
});

test("GC removes a gateway when no pod of its VLAN is left, whatever the network", async () => {
  await bridge.add("c1", network(100));
  await bridge.add("c2", network(200));
  await bridge.vm.sh("ip netns del c1; ip netns del c2; rm -r /run/podwire/net100 /run/podwire/net200");
  await bridge.vm.until("! ls /sys/class/net | grep '^veth'");
  await bridge.add("c3", network(200));
  const valid = { "cni.dev/valid-attachments": [] };
  expect(await bridge.call("GC", "c1", { ...network(100), ...valid })).toMatchObject({
    status: 0,
    stdout: "",
  });
  expect((await bridge.links()).filter((name) => name.includes("."))).toEqual(["br0.200"]);
});

test("masquerade and host ports work through a gateway, and leave nothing", async () => {
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }] };
  const conf = network(100, { ipMasq: true, runtimeConfig });
  const prevResult = await bridge.add("c1", conf);
  await bridge.vm.addNetns("world");
  await bridge.vm.sh(`ip link add up0 type veth peer name eth0 netns world; ip address add 192.0.2.1/24 dev up0
    ip link set up0 up; ip -n world address add 192.0.2.2/24 dev eth0; ip -n world link set eth0 up`);
  const inPod = bridge.vm.run("echo $$ > /tmp/pod; ip netns exec c1 traffic serve pod tcp 0.0.0.0 80");
  const inWorld = bridge.vm.run(
    "echo $$ > /tmp/world; ip netns exec world traffic serve world tcp 0.0.0.0 80",
  );
  await bridge.vm.until(
    "ip netns exec world traffic connect tcp 192.0.2.1 8080 1000 any 0 | grep '^pod 192.0.2.2'",
  );
  await bridge.vm.until("traffic connect tcp 127.0.0.1 8080 1000 any 0 | grep '^pod '");
  await bridge.vm.until(
    "ip netns exec c1 traffic connect tcp 192.0.2.2 80 1000 any 0 | grep '^world 192.0.2.1'",
  );
  await bridge.vm.sh("kill $(cat /tmp/pod) $(cat /tmp/world)");
  await Promise.all([inPod, inWorld]);
  expect(await bridge.vm.sh("nft list ruleset")).toContain('"br0.100" . 10.1.0.2');
  expect(await bridge.check("c1", conf, prevResult)).toBe("");
  expect(await bridge.call("DEL", "c1", conf)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await bridge.vm.sh("nft list ruleset")).not.toContain("10.1.0.2");
});

test("rules that let packets pass name the gateway while its VLAN has pods", async () => {
  await bridge.vm.sh(
    "nft add table ip filter; nft 'add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'",
  );
  const conf = (vlan: 100 | 200) => network(vlan, { forward: true });
  for (const [pod, vlan] of [
    ["c1", 100],
    ["c2", 100],
    ["c3", 200],
  ] as const)
    await bridge.add(pod, conf(vlan));
  const rules = () => bridge.vm.sh("nft list chain ip filter FORWARD");
  await bridge.awaitReach("c1", "10.2.0.2");
  await bridge.call("DEL", "c1", conf(100));
  expect(await rules()).toContain('"br0.100"');
  await bridge.call("DEL", "c2", conf(100));
  expect(await rules()).not.toContain('"br0.100"');
  expect(await rules()).toContain('"br0.200"');
});

const taken = [
  { name: "a bridge", make: "ip link add br0.100 type bridge" },
  { name: "a pair that leads nowhere", make: "ip link add br0.100 type veth peer name other" },
  {
    name: "a VLAN interface",
    make: "ip link add br0 type bridge; ip link add link br0 name br0.100 type vlan id 100",
  },
];

test("ADD says so and makes nothing when the gateway's name is taken", async () => {
  for (const { name, make } of taken) {
    await bridge.vm.sh(make);
    await bridge.vm.addNetns("c1");
    const before = (await bridge.links()).filter((link) => link !== "br0");
    const { status, result } = await bridge.call("ADD", "c1", network(100));
    expect([name, status, result.code]).toEqual([name, 1, 100]);
    expect(result.msg).toContain('interface "br0.100" exists and does not lead to VLAN 100 of bridge "br0"');
    expect((await bridge.links()).filter((link) => link !== "br0")).toEqual(before);
    await bridge.clear();
  }
});

test("a gateway of the reference plugin serves as well, and stays", async () => {
  await bridge.addByReference("c1", network(100));
  const { interfaces } = await bridge.add("c2", network(100));
  expect(interfaces[3].name).toBe("br0.100");
  await bridge.awaitReach("c2", "10.1.0.1");
  expect(await bridge.call("DEL", "c2", network(100))).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await bridge.links()).toContain("br0.100");
});

const damages = [
  { name: "it is gone", damage: "ip link del br0.100", says: 'gateway "br0.100" does not exist' },
  { name: "it is down", damage: "ip link set br0.100 down", says: 'gateway "br0.100" is down' },
  {
    name: "its address is gone",
    damage: "ip address flush dev br0.100",
    says: "gateway address 10.1.0.1/16 is missing",
  },
  {
    name: "it is in another VLAN",
    damage: "bridge vlan add dev $(ip -j link show br0.100 | jq -r .[0].link) vid 7 pvid untagged",
    says: 'gateway "br0.100" does not lead to VLAN 100 of "br0"',
  },
];

test("CHECK names what is different at a gateway, and the next pod mends it", async () => {
  for (const { name, damage, says } of damages) {
    const result = await bridge.add("c1", network(100));
    expect([name, await bridge.check("c1", network(100), result)]).toEqual([name, ""]);
    await bridge.vm.sh(damage);
    expect([name, await bridge.check("c1", network(100), result)]).toEqual([
      name,
      expect.stringContaining(says),
    ]);
    await bridge.add("c2", network(100));
    await bridge.awaitReach("c1", "10.1.0.1");
    await bridge.clear();
  }
});

test("pods that come and go at the same time share one gateway", async () => {
  const pods = ["c1", "c2", "c3", "c4"];
  for (let round = 0; round < 3; round++) {
    await Promise.all(pods.map((pod) => bridge.add(pod, network(100))));
    expect((await bridge.links()).filter((name) => name.includes("."))).toEqual(["br0.100"]);
    for (const pod of pods) await bridge.awaitReach(pod, "10.1.0.1");
    const gone = await Promise.all(pods.map((pod) => bridge.call("DEL", pod, network(100))));
    expect(gone.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    expect(await bridge.links()).toEqual(["br0"]);
    await bridge.vm.sh(pods.map((pod) => `ip netns del ${pod}`).join("; "));
  }
});

const kills = [
  { killed: "ADD", before: [], after: ["ADD c2", "DEL c1", "DEL c2"] },
  { killed: "DEL", before: ["ADD c1"], after: ["ADD c2", "DEL c1", "DEL c2"] },
];

test.for(kills)(
  "$killed that is killed at any message leaves nothing that the next pod and DEL do not mend",
  { timeout: 300_000 },
  async (row) => {
    const rounds = await bridge.afterKills(network(100), row);
    expect(rounds.filter((line) => line !== "left:")).toEqual([]);
    expect(rounds.length).toBeGreaterThan(5);
  },
);
