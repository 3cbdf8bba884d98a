/** The result of ADD against what the kernel says of the three interfaces. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, DUAL_STACK } from "../../support/pod/attachment.ts";

test("ADD() lists bridge, host end and container in that order when it succeeds", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  const [bridge, host, container] = interfaces;
  expect([bridge.name, container.name]).toEqual(["cni0", "eth0"]);
  expect(linkOf(node, host.name).master).toBe("cni0");
  expect(interfaces.map((entry: { sandbox?: string }) => entry.sandbox)).toEqual([
    undefined,
    undefined,
    "/run/netns/c1",
  ]);
});

test("ADD() prints the kernel's MAC addresses and MTUs when it succeeds", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf: { mtu: 1400 } });
  const found = [linkOf(node, "cni0"), linkOf(node, interfaces[1].name), linkOf(node, "eth0", "c1")];
  expect(interfaces.map(({ mac, mtu }: { mac: string; mtu: number }) => ({ mac, mtu }))).toEqual(
    found.map((link) => ({ mac: link.address, mtu: link.mtu })),
  );
});

test("ADD() prints the MTU that the bridge has in the end when its first port lowers it", async () => {
  await using node = await Node.create();
  node.sh("ip link add cni0 type bridge; ip link set cni0 up");
  const { interfaces } = attach(node, { conf: { mtu: 1400 } });
  expect(interfaces[0].mtu).toBe(linkOf(node, "cni0").mtu);
});

test("ADD() says that all addresses are the container's when there are several", async () => {
  await using node = await Node.create();
  const { ips } = attach(node, { conf: { ipam: DUAL_STACK } });
  expect(ips).toEqual([
    { interface: 2, address: "10.1.0.2/16", gateway: "10.1.0.1" },
    { interface: 2, address: "fd00:1::2/64", gateway: "fd00:1::1" },
  ]);
});

test("ADD() leaves both ends up and forwarding when it returns", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  const host = linkOf(node, interfaces[1].name);
  expect([host.operstate, host.linkinfo.info_slave_data.state]).toEqual(["UP", "forwarding"]);
  expect(linkOf(node, "eth0", "c1").operstate).toBe("UP");
});

test("ADD() connects the two ends that it names when it succeeds", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  const host = linkOf(node, interfaces[1].name);
  const container = linkOf(node, "eth0", "c1");
  expect([host.linkinfo.info_kind, container.linkinfo.info_kind]).toEqual(["veth", "veth"]);
  expect([host.link_index, container.link_index]).toEqual([container.ifindex, host.ifindex]);
});

test("ADD() marks both ends and the bridge with an alias when it makes them", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  expect(linkOf(node, interfaces[1].name).ifalias).toBe("podwire mynet/c1/eth0");
  expect(linkOf(node, "eth0", "c1").ifalias).toBe("podwire mynet/c1/eth0");
  expect(linkOf(node, "cni0").ifalias).toBe("podwire bridge");
});

test("ADD() gives the same host interface name and MACs when the attachment is made again", async () => {
  await using first = await Node.create();
  await using second = await Node.create();
  const [a, b] = [attach(first).interfaces, attach(second).interfaces];
  expect(a.slice(1)).toEqual(b.slice(1));
});

test("ADD() does not take routes from router advertisements when it makes the bridge", async () => {
  await using node = await Node.create();
  attach(node);
  expect(node.sh("sysctl -n net.ipv6.conf.cni0.accept_ra")).toBe("0\n");
});

test("ADD() gives the host end no address when it makes it", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  const [link] = node.json(`ip -j address show dev ${interfaces[1].name}`);
  expect(link.addr_info).toEqual([]);
});

test("ADD() takes the configuration's own dns when it has any", async () => {
  await using node = await Node.create();
  node.sh("echo 'nameserver 10.9.9.9' > /run/resolv.conf");
  const ipam = { type: "host-local", subnet: "10.1.0.0/16", resolvConf: "/run/resolv.conf" };
  expect(attach(node, { conf: { ipam } }).dns).toEqual({ nameservers: ["10.9.9.9"] });
  const dns = { domain: "example.org" };
  expect(attach(node, { conf: { ipam, dns }, containerId: "c2" }).dns).toEqual(dns);
});
