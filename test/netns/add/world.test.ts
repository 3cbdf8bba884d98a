/** What an ADD finds in the world beside the reservations: the node's own addresses and routes. */

import { expect, test } from "vitest";
import { createNode } from "../../support/node/commands.ts";
import { attach, call, DUAL_STACK } from "../../support/pod/attachment.ts";

test.for([
  ["an interface has it", "ip address add 10.1.0.2/32 dev lo; ip -6 address add fd00:1::2/128 dev lo"],
  ["a local route has it", "ip route add local 10.1.0.2 dev lo; ip -6 route add local fd00:1::2 dev lo"],
])("ADD passes over an address of the node's own when %s", async ([, script = ""]) => {
  await using node = await createNode();
  node.sh(script);
  const { ips } = attach(node, { conf: { ipam: DUAL_STACK } });
  expect(ips.map(({ address }: { address: string }) => address)).toEqual(["10.1.0.3/16", "fd00:1::3/64"]);
});

test("ADD says whose the address is when the node's own is asked for", async () => {
  await using node = await createNode();
  node.addPod("c1");
  node.sh("ip address add 10.1.0.7/32 dev lo");
  expect(call(node, "ADD", { conf: { runtimeConfig: { ips: ["10.1.0.7"] } } }).json).toMatchObject({
    code: 11,
    msg: expect.stringContaining("10.1.0.7 is an address of the node itself"),
  });
});

test("the node keeps its routes from router advertisements when the first IPv6 pod makes it forward", async () => {
  await using node = await createNode();
  node.sh(`ip link add up0 type veth peer name up1; sysctl -qw net.ipv6.conf.up0.accept_ra=1 net.ipv6.conf.eth1.accept_ra=1
    ip link set up0 up; ip link set up1 up; ip -6 route add default via fe80::1 dev up0 proto ra`);
  node.addPod("c1");
  const added = call(node, "ADD", { conf: { ipam: DUAL_STACK } });
  expect(added).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("net/ipv6/conf/up0/accept_ra to 2"),
  });
  expect(node.sh("ip -6 route show default")).toContain("via fe80::1 dev up0 proto ra");
  expect(node.sh("sysctl -n net.ipv6.conf.up0.accept_ra net.ipv6.conf.eth1.accept_ra")).toBe("2\n1\n");
});
