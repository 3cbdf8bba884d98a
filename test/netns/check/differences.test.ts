/** CHECK: passes after ADD, and names each single thing that was changed since. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, DUAL_STACK, ensurePod } from "../../support/pod/attachment.ts";

const conf = {
  isDefaultGateway: true,
  mtu: 1400,
  ipam: { ...DUAL_STACK, routes: [{ dst: "172.16.0.0/12", mtu: 1300, priority: 7 }] },
};

const versions = ["0.4.0", "1.0.0", "1.1.0"];

test.for(versions)("CHECK() passes in version %s when nothing has changed since ADD", async (cniVersion) => {
  await using node = await Node.create();
  const result = attach(node, { conf: { ...conf, cniVersion } });
  const checked = callWithResult(node, "CHECK", result, { conf: { ...conf, cniVersion } });
  expect(checked).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

/** `HOST` stands for the name of the veth end on the host. */
const changes = [
  {
    name: "the IPv4 address is gone",
    script: "ip -n c1 address del 10.1.0.2/16 dev eth0",
    names: "10.1.0.2/16",
  },
  {
    name: "the IPv6 address is gone",
    script: "ip -n c1 address del fd00:1::2/64 dev eth0",
    names: "fd00:1::2/64",
  },
  {
    name: "the address has another length",
    script: "ip -n c1 address del 10.1.0.2/16 dev eth0; ip -n c1 address add 10.1.0.2/24 dev eth0",
    names: "10.1.0.2/16",
  },
  { name: "a route is gone", script: "ip -n c1 route del 172.16.0.0/12", names: "172.16.0.0/12" },
  {
    name: "a route's MTU is another",
    script: "ip -n c1 route change 172.16.0.0/12 via 10.1.0.1 mtu 1200 metric 7",
    names: "172.16.0.0/12",
  },
  { name: "the default route is gone", script: "ip -n c1 route del default", names: "0.0.0.0/0" },
  {
    name: "the default route leads elsewhere",
    script: "ip -n c1 route del default; ip -n c1 route add default via 10.1.0.77",
    names: "0.0.0.0/0",
  },
  { name: "the IPv6 default route is gone", script: "ip -n c1 -6 route del default", names: "::/0" },
  {
    name: "the container's end is down",
    script: "ip -n c1 link set eth0 down",
    names: '"eth0" in the container is down',
  },
  { name: "the host's end is down", script: "ip link set HOST down", names: "HOST" },
  {
    name: "the container's MAC is another",
    script: "ip -n c1 link set eth0 address 02:00:00:00:00:01",
    names: "MAC",
  },
  { name: "the container's MTU is another", script: "ip -n c1 link set eth0 mtu 1280", names: "MTU" },
  { name: "the host end's MTU is another", script: "ip link set HOST mtu 1280", names: "MTU" },
  { name: "the port left the bridge", script: "ip link set HOST nomaster", names: 'bridge "cni0"' },
  {
    name: "the port is on another bridge",
    script: "ip link add br9 type bridge; ip link set HOST master br9",
    names: 'bridge "cni0"',
  },
  { name: "hairpin mode is on", script: "bridge link set dev HOST hairpin on", names: "hairpin" },
  { name: "the port is isolated", script: "bridge link set dev HOST isolated on", names: "isolation" },
  { name: "the bridge is down", script: "ip link set cni0 down", names: 'bridge "cni0" is down' },
  { name: "the bridge is gone", script: "ip link del cni0", names: 'bridge "cni0" does not exist' },
  {
    name: "the bridge's MAC is another",
    script: "ip link set cni0 address 02:00:00:00:00:01",
    names: "02:00:00:00:00:01",
  },
  {
    name: "the gateway address is gone",
    script: "ip address del 10.1.0.1/16 dev cni0",
    names: "10.1.0.1/16",
  },
  {
    name: "the IPv6 gateway address is gone",
    script: "ip address del fd00:1::1/64 dev cni0",
    names: "fd00:1::1/64",
  },
  {
    name: "IPv4 forwarding is off",
    script: "sysctl -qw net.ipv4.ip_forward=0",
    names: "net/ipv4/ip_forward",
  },
  {
    name: "IPv6 forwarding is off",
    script: "sysctl -qw net.ipv6.conf.all.forwarding=0",
    names: "net/ipv6/conf/all/forwarding",
  },
  { name: "a reservation is gone", script: "rm /var/lib/cni/networks/mynet/10.1.0.2", names: "10.1.0.2" },
  {
    name: "a reservation is another's",
    script: "printf 'c9\\r\\neth0' > /var/lib/cni/networks/mynet/fd00:1::2",
    names: "fd00:1::2",
  },
  { name: "the interface is gone", script: "ip -n c1 link del eth0", names: '"eth0" does not exist' },
  {
    name: "another pair has taken the interface's place",
    script: "ip link del HOST; ip link add HOST mtu 1400 type veth peer name eth0 netns c1",
    names: "HOST",
  },
];

test.for(changes)("CHECK() fails with code 102 and names it when $name", async ({ script, names }) => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const host = result.interfaces[1].name;
  node.sh(script.replaceAll("HOST", host));
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect([checked.exitCode, checked.json?.code]).toEqual([1, 102]);
  expect(checked.json.msg).toContain(names.replaceAll("HOST", host));
});

test("CHECK() names both when two things were changed", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  node.sh("sysctl -qw net.ipv4.ip_forward=0; ip -n c1 route del default");
  const { msg } = callWithResult(node, "CHECK", result, { conf }).json;
  expect(msg).toContain("ip_forward");
  expect(msg).toContain("0.0.0.0/0");
});

const modes = [
  { conf: { hairpinMode: true }, script: "bridge link set dev HOST hairpin off", names: "hairpin" },
  { conf: { portIsolation: true }, script: "bridge link set dev HOST isolated off", names: "isolation" },
  { conf: { promiscMode: true }, script: "ip link set cni0 promisc off", names: "promiscuous" },
];

test.for(modes)("CHECK() fails with code 102 when $names was turned off again", async (row) => {
  await using node = await Node.create();
  const result = attach(node, { conf: row.conf });
  const passed = callWithResult(node, "CHECK", result, { conf: row.conf });
  node.sh(row.script.replaceAll("HOST", result.interfaces[1].name));
  const failed = callWithResult(node, "CHECK", result, { conf: row.conf });
  expect([passed.exitCode, failed.json.code]).toEqual([0, 102]);
  expect(failed.json.msg).toContain(row.names);
});

const harmless = [
  { name: "another address was added", script: "ip -n c1 address add 10.1.7.7/16 dev eth0" },
  { name: "another route was added", script: "ip -n c1 route add 192.168.0.0/16 via 10.1.0.1" },
  {
    name: "a route moved to another table",
    script: "ip -n c1 route del default; ip -n c1 route add default via 10.1.0.1 table 100",
  },
  { name: "another port joined the bridge", script: "ip link add x master cni0 type veth peer name y" },
  { name: "the record is gone", script: "rm -r /run/podwire" },
];

test.for(harmless)("CHECK() passes when $name", async ({ script }) => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  node.sh(script);
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("CHECK() compares with the MAC of the previous result when a later plugin changed it", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  node.sh("ip -n c1 link set eth0 address 02:00:00:00:00:01");
  result.interfaces[2].mac = linkOf(node, "eth0", "c1").address;
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("CHECK() refuses with code 7 when the previous result is missing", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  const checked = call(node, "CHECK", { conf });
  expect([checked.exitCode, checked.json.code]).toEqual([1, 7]);
});

test("CHECK() refuses with code 8 when the namespace is gone", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  node.sh("ip netns del c1");
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect([checked.exitCode, checked.json.code]).toEqual([1, 8]);
});

test("CHECK() refuses with code 1 when the version has no CHECK", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const checked = callWithResult(node, "CHECK", {}, { conf: { cniVersion: "0.3.1" } });
  expect([checked.exitCode, checked.json.code]).toEqual([1, 1]);
});
