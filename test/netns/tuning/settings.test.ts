/** Tuning: kernel parameters and settings of the pod's interface, from each source, as the kernel then has them. */

import { expect, test } from "vitest";
import { linkOf, remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

/** A kernel parameter as the pod has it. */
function sysctlOf(node: Node, key: string, pod = "c1"): string {
  return node.sh(`ip netns exec ${pod} cat /proc/sys/net/${key}`).trim().replaceAll(/\s+/g, " ");
}

const parameters = [
  { name: "dots", sysctl: { "net.core.somaxconn": "517" }, key: "core/somaxconn", value: "517" },
  { name: "slashes", sysctl: { "net/core/somaxconn": "517" }, key: "core/somaxconn", value: "517" },
  {
    name: "the placeholder between dots",
    sysctl: { "net.ipv4.conf.IFNAME.rp_filter": "2" },
    key: "ipv4/conf/eth0/rp_filter",
    value: "2",
  },
  {
    name: "the placeholder between slashes",
    sysctl: { "net/ipv6/conf/IFNAME/hop_limit": "33" },
    key: "ipv6/conf/eth0/hop_limit",
    value: "33",
  },
  {
    name: "the interface's own name",
    sysctl: { "net.ipv4.conf.eth0.arp_filter": "1" },
    key: "ipv4/conf/eth0/arp_filter",
    value: "1",
  },
  {
    name: "a list of numbers",
    sysctl: { "net.ipv4.ip_local_port_range": "2000 3000" },
    key: "ipv4/ip_local_port_range",
    value: "2000 3000",
  },
  {
    name: "what podwire itself would set otherwise",
    sysctl: { "net.ipv4.conf.IFNAME.arp_notify": "0" },
    key: "ipv4/conf/eth0/arp_notify",
    value: "0",
  },
];

test.for(parameters)("ADD() sets a kernel parameter in the pod when its name has $name", async (row) => {
  await using node = await Node.create();
  const { sysctl, key, value } = row;
  attach(node, { conf: { ...MYNET, sysctl } });
  expect(sysctlOf(node, key)).toBe(value);
});

test("ADD() sets every parameter when there are several", async () => {
  await using node = await Node.create();
  const sysctl = {
    "net.core.somaxconn": "517",
    "net.ipv4.conf.IFNAME.rp_filter": "2",
    "net.ipv4.tcp_sack": "0",
  };
  attach(node, { conf: { ...MYNET, sysctl } });
  const values = ["core/somaxconn", "ipv4/conf/eth0/rp_filter", "ipv4/tcp_sack"].map((key) =>
    sysctlOf(node, key),
  );
  expect(values).toEqual(["517", "2", "0"]);
});

test("ADD() sets the parameter of the interface when its name has a dot", async () => {
  await using node = await Node.create();
  const sysctl = { "net.ipv4.conf.IFNAME.rp_filter": "2" };
  attach(node, { conf: { ...MYNET, sysctl }, ifname: "eth0.7" });
  expect(sysctlOf(node, "ipv4/conf/eth0.7/rp_filter")).toBe("2");
});

test("ADD() leaves the node's own parameter as it is when it sets the pod's", async () => {
  await using node = await Node.create();
  const before = node.sh("cat /proc/sys/net/core/somaxconn");
  attach(node, { conf: { ...MYNET, sysctl: { "net.core.somaxconn": "517" } } });
  expect(node.sh("cat /proc/sys/net/core/somaxconn")).toBe(before);
});

const switches = [
  { field: "promisc", flag: "PROMISC" },
  { field: "allmulti", flag: "ALLMULTI" },
];

test.for(switches)("ADD() gives the pod's interface $flag when $field is true", async ({ field, flag }) => {
  await using node = await Node.create();
  attach(node, { conf: { ...MYNET, [field]: true } });
  expect(linkOf(node, "eth0", "c1").flags).toEqual(expect.arrayContaining(["UP", flag]));
});

test.for(switches)(
  "ADD() gives the pod's interface no $flag when $field is false",
  async ({ field, flag }) => {
    await using node = await Node.create();
    attach(node, { conf: { ...MYNET, promisc: true, allmulti: true, [field]: false } });
    expect(linkOf(node, "eth0", "c1").flags).not.toContain(flag);
  },
);

test.for([0, 77, 100_000])(
  "ADD() gives the pod's interface a queue of %i packets when txQLen says so",
  async (txQLen) => {
    await using node = await Node.create();
    attach(node, { conf: { ...MYNET, txQLen } });
    expect(linkOf(node, "eth0", "c1").txqlen ?? 0).toBe(txQLen);
  },
);

test("ADD() tunes each interface by itself when a container has two", async () => {
  await using node = await Node.create();
  const rpFilter = (value: string) => ({ sysctl: { "net.ipv4.conf.IFNAME.rp_filter": value } });
  attach(node, { conf: { ...MYNET, ...rpFilter("2"), promisc: true } });
  attach(node, { conf: { ...MYNET, isDefaultGateway: false, ...rpFilter("0"), txQLen: 77 }, ifname: "eth1" });
  const values = ["eth0", "eth1"].map((ifname) => sysctlOf(node, `ipv4/conf/${ifname}/rp_filter`));
  expect(values).toEqual(["2", "0"]);
  expect(linkOf(node, "eth1", "c1").flags).not.toContain("PROMISC");
});

test("DEL() removes a tuned attachment when the configuration names the settings no more", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ...MYNET, promisc: true, txQLen: 77, sysctl: { "net.core.somaxconn": "517" } } });
  expect(call(node, "DEL", { conf: MYNET })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  expect(remains(node)).toEqual([]);
});
