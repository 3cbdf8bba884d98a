/** What a pod's interface, and the node's side of it, keep of the kernel's defaults, and what not. */

import { expect, test } from "vitest";
import { compiled } from "../../support/build/compile.ts";
import { createNode, succeed } from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";
import { attach, call, DUAL_STACK } from "../../support/pod/attachment.ts";

/** An advertisement of a router that gives addresses of fd66::/64 and a default route, from eth0 of the pod. */
function advertise(node: Node, pod: string): void {
  node.sh(`ip netns exec ${pod} ${compiled("traffic/advertise")} eth0`);
}

/** What a namespace has of the advertisement. */
function advertised(node: Node, netns = ""): string {
  const ip = netns === "" ? "ip" : `ip -n ${netns}`;
  return node.sh(
    `sleep 0.3; ${ip} -6 address show | grep fd66 || true; ${ip} -6 route show | grep 'proto ra' || true`,
  );
}

test.for([
  ["IPv4", {}],
  ["both families", { ipam: DUAL_STACK }],
  ["a pair of its own", { mode: "ptp", isGateway: undefined, ipam: DUAL_STACK }],
] as const)("a pod with %s takes nothing of a router advertisement", async ([, conf]) => {
  await using node = await createNode();
  attach(node, { conf });
  attach(node, { containerId: "c2", conf });
  advertise(node, "c2");
  expect([advertised(node, "c1"), advertised(node)]).toEqual(["", ""]);
  expect(node.sh("ip netns exec c1 sysctl -n net.ipv6.conf.eth0.accept_ra net.ipv6.conf.eth0.autoconf")).toBe(
    "0\n0\n",
  );
});

test("a pod takes a router advertisement when its configuration says so", async () => {
  await using node = await createNode();
  const conf = { sysctl: { "net.ipv6.conf.IFNAME.accept_ra": "2", "net.ipv6.conf.IFNAME.autoconf": "1" } };
  attach(node, { conf });
  attach(node, { containerId: "c2" });
  advertise(node, "c2");
  expect(advertised(node, "c1")).toContain("fd66");
});

test("the node takes no router advertisement of a pod by a bridge that was there before", async () => {
  await using node = await createNode();
  node.sh("ip link add cni0 type bridge; sysctl -qw net.ipv6.conf.cni0.accept_ra=2; ip link set cni0 up");
  attach(node);
  advertise(node, "c1");
  expect(advertised(node)).toBe("");
});

/** A pod with two networks of the same segment. */
function addWithTwo(node: Node): void {
  for (const [name, third] of [
    ["web", 1],
    ["db", 2],
  ])
    succeed(
      node,
      `network create ${name} -s 10.9.${third}.0/24 --start 10.9.${third}.10 --end 10.9.${third}.20 --attach bridge --uplink eth1`,
    );
  const annotations = {
    "diamanti.com/endpoint0": '{"network":"web"}',
    "diamanti.com/endpoint1": '{"network":"db"}',
  };
  attach(node, { conf: { runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } } });
}

test("a pod on two networks does not forward between them, and answers for each address on its own interface", async () => {
  await using node = await createNode();
  node.sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
  addWithTwo(node);
  const keys = ["eth0", "eth1"].flatMap((ifname) => [
    `net.ipv4.conf.${ifname}.forwarding`,
    `net.ipv6.conf.${ifname}.forwarding`,
    `net.ipv4.conf.${ifname}.accept_redirects`,
  ]);
  expect(node.sh(`ip netns exec c1 sysctl -n ${keys.join(" ")}`)).toBe("0\n".repeat(6));
  node.sh("ip address add 10.9.2.99/24 dev pw-eth1");
  const macs = node.json("ip -n c1 -j link show eth1").map(({ address }: { address: string }) => address);
  node.sh("ip neigh flush all; ping -c1 -W2 10.9.2.10");
  expect(node.json("ip -j neigh show 10.9.2.10").map(({ lladdr }: { lladdr: string }) => lladdr)).toEqual(
    macs,
  );
});

test.for([
  ["a bridge", {}, "cni0"],
  ["a pair of its own", { mode: "ptp", isGateway: undefined }, "veth"],
] as const)("the node forwards for pods on %s when new interfaces do not", async ([, conf, stem]) => {
  await using node = await createNode();
  node.sh(
    "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.default.forwarding=0 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.forwarding=0",
  );
  const prevResult = attach(node, { conf: { ...conf, ipam: DUAL_STACK } });
  const ifname = node.sh(`ip -br link | grep -o '^${stem}[^@ ]*' | head -1`).trim();
  expect(node.sh(`sysctl -n net.ipv4.conf.${ifname}.forwarding net.ipv6.conf.${ifname}.forwarding`)).toBe(
    "1\n1\n",
  );
  for (const family of [4, 6]) {
    node.sh(`sysctl -qw net.ipv${family}.conf.${ifname}.forwarding=0`);
    const checked = call(node, "CHECK", { conf: { ...conf, ipam: DUAL_STACK, prevResult } });
    expect(checked.json).toMatchObject({
      code: 102,
      msg: expect.stringContaining(`net/ipv${family}/conf/${ifname}/forwarding is 0, want 1`),
    });
    node.sh(`sysctl -qw net.ipv${family}.conf.${ifname}.forwarding=1`);
  }
});

const READ_ONLY = "mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys";

test("ADD succeeds when /proc/sys is read-only and says all that is needed of the node, and sets the pod's", async () => {
  await using node = await createNode();
  attach(node);
  node.sh(READ_ONLY);
  attach(node, { containerId: "c2", conf: { sysctl: { "net.ipv4.conf.IFNAME.arp_filter": "1" } } });
  expect(
    node.sh(
      "ip netns exec c2 cat /proc/sys/net/ipv6/conf/eth0/accept_ra /proc/sys/net/ipv4/conf/eth0/arp_filter",
    ),
  ).toBe("0\n1\n");
});

test("ADD names what is needed of the node and cannot be written, and leaves nothing", async () => {
  await using node = await createNode();
  attach(node, { containerId: "c2" });
  node.sh(`sysctl -qw net.ipv4.ip_forward=0; ip netns add c1; ${READ_ONLY}`);
  expect(call(node, "ADD").json).toMatchObject({
    code: 101,
    msg: expect.stringContaining("sysctl net/ipv4/ip_forward is 0, and cannot be set to 1"),
  });
  expect(node.sh("ls /run/podwire/mynet; ip -n c1 link")).not.toMatch(/c1|eth0:/);
  expect(node.sh("ls /var/lib/cni/networks/mynet | grep -c 10.1")).toBe("1\n");
});
