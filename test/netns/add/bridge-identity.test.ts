/** The bridge itself: made once, adopted where it exists, its MAC address steady. */

import { expect, test } from "vitest";
import { linkOf, links } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

test("ADD() makes a bridge that is up when there is none", async () => {
  await using node = await Node.create();
  attach(node, { conf: { bridge: "br7" } });
  const bridge = linkOf(node, "br7");
  expect([bridge.linkinfo.info_kind, bridge.operstate]).toEqual(["bridge", "UP"]);
});

test("ADD() names the bridge cni0 when the configuration names none", async () => {
  await using node = await Node.create();
  expect(attach(node).interfaces[0].name).toBe("cni0");
});

test("ADD() adopts a bridge as it is when it exists", async () => {
  await using node = await Node.create();
  node.sh("ip link add cni0 address 02:00:00:00:00:07 type bridge; ip link set cni0 mtu 1300 alias keep");
  const { ifindex } = linkOf(node, "cni0");
  attach(node);
  const { ifindex: after, ifalias, address, mtu, operstate } = linkOf(node, "cni0");
  expect({ after, ifalias, address, mtu, operstate }).toEqual({
    after: ifindex,
    ifalias: "keep",
    address: "02:00:00:00:00:07",
    mtu: 1300,
    operstate: "UP",
  });
});

test("ADD() uses one bridge for two networks when both name it", async () => {
  await using node = await Node.create();
  attach(node, { conf: { isGateway: false } });
  const ipam = { type: "host-local", subnet: "10.2.0.0/16" };
  attach(node, { conf: { name: "other", isGateway: false, ipam }, containerId: "c2" });
  expect(links(node).filter((link) => link.master === "cni0")).toHaveLength(2);
});

const HIGH = "fe:ff:ff:ff:ff:ff";
const LOW = "02:00:00:00:00:01";

test("ADD() keeps the bridge's MAC when a port with a lower one comes and goes", async () => {
  await using node = await Node.create();
  const before = attach(node).interfaces[0].mac;
  node.sh(`ip link add low address ${LOW} type veth peer name low1; ip link set low master cni0 up`);
  expect(linkOf(node, "cni0").address).toBe(before);
  node.sh("ip link del low");
  call(node, "DEL");
  expect(linkOf(node, "cni0").address).toBe(before);
});

test("ADD() pins the MAC of a bridge that had taken its port's when it adopts it", async () => {
  await using node = await Node.create();
  node.sh("ip link add cni0 type bridge; ip link set cni0 up");
  node.sh(`ip link add high address ${HIGH} type veth peer name high1; ip link set high master cni0 up`);
  const { interfaces } = attach(node);
  node.sh(`ip link add low address ${LOW} type veth peer name low1; ip link set low master cni0 up`);
  node.sh("ip link del high");
  expect(linkOf(node, "cni0").address).toBe(interfaces[0].mac);
});

test("ADD() gives a bridge a MAC that stays when it had none for want of ports", async () => {
  await using node = await Node.create();
  node.sh("ip link add cni0 type bridge; ip link set cni0 up");
  node.sh("ip link add p type veth peer name p1; ip link set p master cni0; ip link del p");
  expect(linkOf(node, "cni0").address).toBe("00:00:00:00:00:00");
  const { interfaces } = attach(node);
  call(node, "DEL");
  expect(interfaces[0].mac).not.toBe("00:00:00:00:00:00");
  expect(linkOf(node, "cni0").address).toBe(interfaces[0].mac);
});

test("ADD() sets up a bridge when it was down", async () => {
  await using node = await Node.create();
  attach(node);
  node.sh("ip link set cni0 down");
  attach(node, { containerId: "c2" });
  expect(linkOf(node, "cni0").flags).toContain("UP");
});

const taken = [
  { name: "a veth", make: "ip link add cni0 type veth peer name other" },
  {
    name: "a macvlan",
    make: "ip link add base type veth peer name other; ip link add cni0 link base type macvlan",
  },
];

test.for(taken)("ADD() refuses with code 100 when the bridge's name is taken by $name", async ({ make }) => {
  await using node = await Node.create();
  node.sh(make);
  ensurePod(node);
  const added = call(node, "ADD");
  expect([added.exitCode, added.json.code]).toEqual([1, 100]);
  expect(added.json.msg).toContain("cni0");
});
