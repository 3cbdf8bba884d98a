/** Host ports at 127.0.0.1: which bridges may route that address, and that no pod gets to the node's own by it. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { GATEWAY4, MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, World } from "../../support/traffic/traffic-world.ts";

const KEY = "/proc/sys/net/ipv4/conf/cni0/route_localnet";
const SIX = { ...MYNET, ipam: { type: "host-local", subnet: "fd00:1::/64" } };

const switches = [
  { name: "there is a host port", conf: mapped([WEB]), value: "1" },
  { name: "there is one of loopback", conf: mapped([{ ...WEB, hostIP: "127.0.0.1" }]), value: "1" },
  { name: "there is none", conf: MYNET, value: "0" },
  { name: "there is masquerade alone", conf: { ...MYNET, ipMasq: true }, value: "0" },
  { name: "snat is false", conf: mapped([WEB], { ...MYNET, snat: false }), value: "0" },
  { name: "the pod has IPv6 alone", conf: mapped([WEB], SIX), value: "0" },
  { name: "the port is one of IPv6 alone", conf: mapped([{ ...WEB, hostIP: "::" }]), value: "0" },
];

test.for(switches)(
  "ADD() sets route_localnet of the bridge to $value when $name",
  async ({ conf, value }) => {
    await using node = await Node.create();
    attach(node, { conf });
    expect(node.sh(`cat ${KEY}`).trim()).toBe(value);
  },
);

test("ADD() leaves route_localnet of every other interface off", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB]) });
  const names = world.node.sh("cd /proc/sys/net/ipv4/conf; grep -l 1 */route_localnet");
  expect(names).toBe("cni0/route_localnet\n");
});

test("CHECK() fails with code 102 and names it when route_localnet was turned off", async () => {
  await using node = await Node.create();
  const conf = mapped([WEB]);
  const result = attach(node, { conf });
  node.sh(`echo 0 > ${KEY}`);
  const { json } = callWithResult(node, "CHECK", result, { conf });
  expect([json.code, json.msg]).toEqual([102, expect.stringContaining("route_localnet")]);
});

/** Makes the pod send what is for 127.0.0.0/8 to its gateway, as anybody can who rules its namespace. */
function leadLoopbackOut(node: Node, pod: string): void {
  node.sh(`ip netns exec ${pod} sh -ec '
    ip link set lo down
    echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet
    ip route add 127.0.0.0/8 via ${GATEWAY4}'`);
}

const intruders = [
  { from: "c1", name: "the pod with the host port" },
  { from: "c2", name: "another pod of the bridge" },
];

test.for(intruders)("ADD() opens nothing at the node's 127.0.0.1 to $name", async ({ from }) => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB]) });
  attach(world.node, { conf: MYNET, containerId: "c2" });
  await world.serve("node", "tcp 127.0.0.1 90", "udp 127.0.0.1 90");
  leadLoopbackOut(world.node, from);
  const seen = ["tcp", "udp"].map((protocol) => world.connect(from, `${protocol} 127.0.0.1 90`, IN_VAIN));
  expect(seen).toEqual(["no answer: timeout", "no answer: timeout"]);
});

test("ADD() opens a port of loopback to no pod", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([{ ...WEB, hostIP: "127.0.0.1" }]) });
  attach(world.node, { conf: MYNET, containerId: "c2" });
  await world.serve("c1");
  leadLoopbackOut(world.node, "c2");
  expect(world.connect("c2", "tcp 127.0.0.1 8080", IN_VAIN)).toBe("no answer: timeout");
  expect(world.connect("node", "tcp 127.0.0.1 8080")).toBe(`c1 ${GATEWAY4}`);
});

test("ADD() opens nothing at the node's 127.0.0.1 when the rules were flushed and another pod came", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB]) });
  world.node.sh("nft flush table inet podwire");
  attach(world.node, { conf: mapped([{ ...WEB, hostPort: 81 }]), containerId: "c2" });
  await world.serve("node", "tcp 127.0.0.1 90");
  leadLoopbackOut(world.node, "c1");
  expect(world.connect("c1", "tcp 127.0.0.1 90", IN_VAIN)).toBe("no answer: timeout");
});

test("ADD() opens nothing at the node's 127.0.0.1 to a host outside", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB]) });
  await world.serve("node", "tcp 127.0.0.1 90");
  world.outside.sh(`ip address flush dev lo; echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet
    ip route add 127.0.0.0/8 via ${NODE4}`);
  expect(world.connect("outside", "tcp 127.0.0.1 90", IN_VAIN)).toBe("no answer: timeout");
});

test("DEL() leaves loopback closed to the pods that stay", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB]) });
  attach(world.node, { conf: MYNET, containerId: "c2" });
  call(world.node, "DEL", { conf: MYNET });
  await world.serve("node", "tcp 127.0.0.1 90");
  leadLoopbackOut(world.node, "c2");
  expect(world.connect("c2", "tcp 127.0.0.1 90", IN_VAIN)).toBe("no answer: timeout");
});
