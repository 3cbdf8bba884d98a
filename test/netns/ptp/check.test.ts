/** CHECK and STATUS in mode ptp: each single difference by its name, and each reason why no pod could come. */

import { expect, test } from "vitest";
import { dropForwarded } from "../../support/kernel/forward-chains.ts";
import { snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, DUAL_STACK } from "../../support/pod/attachment.ts";
import { PTP } from "../../support/pod/ptp.ts";
import { mapped, WEB } from "../../support/traffic/traffic-networks.ts";

const conf = {
  ...mapped([WEB], PTP),
  mtu: 1400,
  ipMasq: true,
  ingressPolicy: "isolated",
  ingressRate: 8_000_000,
  ingressBurst: 80_000,
  egressRate: 8_000_000,
  egressBurst: 80_000,
  ipam: { ...DUAL_STACK, routes: [{ dst: "172.16.0.0/12", mtu: 1300 }] },
};

test.for(["0.4.0", "1.0.0", "1.1.0"])(
  "CHECK() passes in version %s when nothing has changed",
  async (cniVersion) => {
    await using node = await Node.create();
    const result = attach(node, { conf: { ...conf, cniVersion } });
    const checked = callWithResult(node, "CHECK", result, { conf: { ...conf, cniVersion } });
    expect(checked).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  },
);

/** `HOST` stands for the name of the node's end, `IFB` for that of the device that shapes what the pod sends. */
const changes = [
  { name: "an address is gone", script: "ip -n c1 address del 10.1.0.2/16 dev eth0", names: "10.1.0.2/16" },
  {
    name: "an IPv6 address is gone",
    script: "ip -n c1 address del fd00:1::2/64 dev eth0",
    names: "fd00:1::2/64",
  },
  { name: "a configured route is gone", script: "ip -n c1 route del 172.16.0.0/12", names: "172.16.0.0/12" },
  { name: "the default route is gone", script: "ip -n c1 route del default", names: "0.0.0.0/0" },
  {
    name: "the route to the network is gone",
    script: "ip -n c1 route del 10.1.0.0/16",
    names: "route 10.1.0.0/16 via 10.1.0.1 is missing",
  },
  {
    name: "the IPv6 route to the network is gone",
    script: "ip -n c1 route del fd00:1::/64",
    names: "route fd00:1::/64 via fd00:1::1 is missing",
  },
  {
    name: "the IPv6 route to the gateway is gone",
    script: "ip -n c1 route del fd00:1::1",
    names: "route fd00:1::1/128 on the link is missing",
  },
  {
    name: "the gateway's address is gone",
    script: "ip address del 10.1.0.1/32 dev HOST",
    names: 'address 10.1.0.1/32 is missing on "HOST"',
  },
  {
    name: "the IPv6 gateway's address is gone",
    script: "ip address del fd00:1::1/128 dev HOST",
    names: 'address fd00:1::1/128 is missing on "HOST"',
  },
  {
    name: "the link-local address is gone",
    script: "ip address del fe80::1/128 dev HOST",
    names: 'address fe80::1/128 is missing on "HOST"',
  },
  {
    name: "the route to the pod is gone",
    script: "ip route del 10.1.0.2",
    names: 'route to 10.1.0.2/32 by "HOST" is missing',
  },
  {
    name: "the route to the pod leads elsewhere",
    script: "ip link add x up type veth peer name y; ip link set y up; ip route replace 10.1.0.2 dev x",
    names: 'route to 10.1.0.2/32 by "HOST" is missing',
  },
  {
    name: "the IPv6 route to the pod is gone",
    script: "ip route del fd00:1::2 dev HOST",
    names: 'route to fd00:1::2/128 by "HOST" is missing',
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
  {
    name: "the pod's end is down",
    script: "ip -n c1 link set eth0 down",
    names: '"eth0" in the container is down',
  },
  { name: "the node's end is down", script: "ip link set HOST down", names: '"HOST" is down' },
  { name: "the pod's MTU is another", script: "ip -n c1 link set eth0 mtu 1280", names: "MTU" },
  {
    name: "the pod's MAC is another",
    script: "ip -n c1 link set eth0 address 02:00:00:00:00:01",
    names: "MAC",
  },
  {
    name: "the node's end is a port of a bridge",
    script: "ip link add br9 type bridge; ip link set HOST master br9",
    names: '"HOST" is a port of a bridge',
  },
  { name: "the pair is gone", script: "ip link del HOST", names: '"eth0" does not exist' },
  {
    name: "the token bucket is gone",
    script: "tc qdisc del dev HOST root",
    names: '"HOST" has no token bucket',
  },
  { name: "the ifb device is down", script: "ip link set IFB down", names: '"IFB" is down' },
  { name: "the table is gone", script: "nft delete table inet podwire", names: "table inet podwire" },
  {
    name: "the guard is gone",
    script: 'nft delete element inet podwire guarded "{ \\"HOST\\" }"',
    names: "guarded",
  },
  {
    name: "a host port is gone",
    script: "nft delete element inet podwire hostports_ip '{ tcp . 8080 }'",
    names: "hostports_ip",
  },
  {
    name: "the node's loopback address is kept from the pod",
    script: "sysctl -qw net.ipv4.conf.HOST.route_localnet=0",
    names: "route_localnet",
  },
  { name: "a reservation is gone", script: "rm /var/lib/cni/networks/mynet/10.1.0.2", names: "10.1.0.2" },
];

test.for(changes)("CHECK() fails with code 102 and names it when $name", async ({ script, names }) => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const [host, , ifb] = result.interfaces.map(({ name }: { name: string }) => name);
  const onNode = (text: string) => text.replaceAll("HOST", host).replaceAll("IFB", ifb);
  node.sh(onNode(script));
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect([checked.exitCode, checked.json?.code]).toEqual([1, 102]);
  expect(checked.json.msg).toContain(onNode(names));
});

test("CHECK() fails when a FORWARD chain that drops has lost the pod's rules", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  const open = { ...PTP, forward: true };
  const result = attach(node, { conf: open });
  const passed = callWithResult(node, "CHECK", result, { conf: open });
  node.sh("iptables-nft -F FORWARD");
  const failed = callWithResult(node, "CHECK", result, { conf: open });
  expect([passed.exitCode, failed.exitCode]).toEqual([0, 1]);
  expect(failed.json.msg).toContain(`the packets of interface "${result.interfaces[0].name}"`);
});

test("CHECK() says of a pod on a bridge that it is not as the mode wants", async () => {
  await using node = await Node.create();
  const bridged = { ...conf, mode: "bridge", ingressPolicy: "open" };
  const result = attach(node, { conf: bridged });
  expect(callWithResult(node, "CHECK", result, { conf }).json.code).toBe(102);
});

test("STATUS() succeeds and changes nothing on a new node, and with pods", async () => {
  await using node = await Node.create();
  const before = snapshot(node, []);
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(snapshot(node, [])).toEqual(before);
  attach(node, { conf });
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("STATUS() tells of a FORWARD chain that drops unless forward is true", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  const shut = call(node, "STATUS", { conf: PTP });
  expect([shut.exitCode, shut.json.code]).toEqual([1, 50]);
  expect(shut.json.msg).toContain('set "forward": true');
  expect(call(node, "STATUS", { conf: { ...PTP, forward: true } }).exitCode).toBe(0);
});

test("STATUS() tells that the pool is exhausted", async () => {
  await using node = await Node.create();
  const small = { mode: "ptp", notReadyWhenFull: true, ipam: { type: "host-local", subnet: "10.1.0.0/30" } };
  attach(node, { conf: small });
  expect(call(node, "STATUS", { conf: small }).json.code).toBe(50);
});
