/** What an ADD finds in the world beside the reservations: the node's own addresses and routes, neighbours that remember an earlier pod. */

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

/** Pods that got the address of another one: asked for it, or no other was left. */
const GIVEN_ANEW = [
  ["it is asked for", { ipam: DUAL_STACK, runtimeConfig: { ips: ["10.1.0.50", "fd00:1::50"] } }],
  [
    "the pool has no other",
    {
      ipam: {
        type: "host-local",
        ranges: [
          [{ subnet: "10.1.0.0/16", rangeStart: "10.1.0.50", rangeEnd: "10.1.0.50" }],
          [{ subnet: "fd00:1::/64", rangeStart: "fd00:1::50", rangeEnd: "fd00:1::50" }],
        ],
      },
    },
  ],
] as const;

test.for(GIVEN_ANEW)(
  "node and pods reach an address at once when another pod has got it, as %s",
  async ([, conf]) => {
    await using node = await createNode();
    attach(node, { containerId: "c3", conf: { name: "other", ipam: DUAL_STACK } });
    const reach = ["10.1.0.50", "fd00:1::50"].flatMap((address) =>
      ["", "ip netns exec c3 "].map((where) => `${where}ping -c1 -W1 ${address}`),
    );
    attach(node, { containerId: "c1", conf });
    node.sh(reach.join("; "));
    expect(call(node, "DEL", { containerId: "c1", conf })).toMatchObject({ exitCode: 0 });
    attach(node, { containerId: "c2", conf });
    for (const ping of reach) expect(node.sh(ping), ping).toContain(" 0% packet loss");
  },
);

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
