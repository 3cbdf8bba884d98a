/** ADD in mode ptp: what the pod and the node's end have afterwards, held against the reference ptp plugin's. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { Node, REFERENCE_DIR } from "../../support/node/node.ts";
import { attach, call, DUAL_STACK, ensurePod } from "../../support/pod/attachment.ts";
import { PTP } from "../../support/pod/ptp.ts";

// biome-ignore lint/suspicious/noExplicitAny: documents of iproute2 and of plugins
type Document = any;

const routes4 = [{ dst: "0.0.0.0/0" }, { dst: "172.16.0.0/12", gw: "10.1.0.1" }];
const routes6 = [{ dst: "::/0" }, { dst: "fd77::/64", gw: "fd00:1::1" }];
const [range4, range6] = DUAL_STACK.ranges;

const shapes = [
  { name: "IPv4", ranges: [range4], routes: routes4 },
  { name: "IPv6", ranges: [range6], routes: routes6 },
  { name: "both families", ranges: [range4, range6], routes: [...routes4, ...routes6] },
  { name: "two ranges of a family", ranges: [range4, [{ subnet: "10.7.0.0/24" }]], routes: routes4 },
  { name: "no routes", ranges: [range4, range6], routes: [] },
];

/** The names of the node's end and all that only the kernel chooses are left out. */
function shapeOf(node: Node, result: Document): Document {
  const host = result.interfaces[0].name;
  const named = (text: string) => JSON.parse(text.replaceAll(host, "HOST"));
  const own = (routes: Document[]) =>
    routes
      .filter(({ dst }) => dst !== "fe80::/64")
      .map(({ dst, gateway, prefsrc, dev }) => ({ dst, gateway, prefsrc, dev }))
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const routesOf = (where: string) =>
    [4, 6].flatMap((family) => own(node.json(`ip ${where} -${family} -j route show`)));
  const addressesOf = (where: string, ifname: string): Document[] =>
    node
      .json(`ip ${where} -j address show dev ${ifname}`)[0]
      .addr_info.filter(({ scope }: Document) => scope === "global")
      .map(({ local, prefixlen }: Document) => `${local}/${prefixlen}`);
  // The reference leaves the kernel's route to the node's own IPv6 address, which leads nowhere else.
  const gateways = addressesOf("", host);
  const isOwn = ({ dst }: Document) => gateways.some((prefix) => prefix === `${dst}/128`);
  return named(
    JSON.stringify({
      pod: { addresses: addressesOf("-n c1", "eth0"), routes: routesOf("-n c1") },
      node: { addresses: gateways, routes: routesOf("").filter((route) => !isOwn(route)) },
      forwards: [4, 6].map((family) => node.sh(`sysctl -n net.ipv${family}.conf.all.forwarding`).trim()),
    }),
  );
}

/** MAC addresses and the name of the node's end are each plugin's choice, and older results tell no MTU. */
function resultOf({ interfaces, ips, routes, dns = {} }: Document): Document {
  return { interfaces: interfaces.map(({ sandbox = "" }: Document) => sandbox), ips, routes, dns };
}

test.for(shapes)("ADD() makes what the reference plugin makes with $name", async ({ ranges, routes }) => {
  await using node = await Node.create();
  await using other = await Node.create();
  const ipam = { type: "host-local", ranges, routes };
  const conf = { cniVersion: "1.0.0", mode: "ptp", isGateway: undefined, ipam };
  const result = attach(node, { conf });
  ensurePod(other);
  const plugin = `${REFERENCE_DIR}/ptp`;
  const added = call(other, "ADD", {
    conf: { ...conf, type: "ptp" },
    plugin,
    env: { CNI_PATH: REFERENCE_DIR },
  });
  expect(added.exitCode).toBe(0);
  expect(shapeOf(node, result)).toEqual(shapeOf(other, added.json));
  expect(resultOf(result)).toEqual(resultOf(added.json));
});

test("ADD() gives both ends the MTU that is asked for, no bridge, and addresses that nobody detects", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf: { ...PTP, mtu: 1400 } });
  const [host, container] = result.interfaces;
  expect([linkOf(node, host.name).mtu, linkOf(node, "eth0", "c1").mtu]).toEqual([1400, 1400]);
  expect([host.mtu, container.mtu, container.sandbox]).toEqual([1400, 1400, "/run/netns/c1"]);
  expect(linkOf(node, host.name)).toMatchObject({ operstate: "UP", ifalias: "podwire mynet/c1/eth0" });
  expect(linkOf(node, host.name).master).toBeUndefined();
  expect(node.sh("ip link show type bridge")).toBe("");
  expect(node.sh("ip -6 address show tentative; ip -n c1 -6 address show scope global tentative")).toBe("");
});

const families = [
  { name: "IPv4", ranges: [range4], hasLinkLocal: false },
  { name: "IPv6", ranges: [range6], hasLinkLocal: true },
];

test.for(families)(
  "ADD() gives the node's end a link-local address with IPv6 alone: $name",
  async ({ ranges, hasLinkLocal }) => {
    await using node = await Node.create();
    const [host] = attach(node, { conf: { mode: "ptp", ipam: { type: "host-local", ranges } } }).interfaces;
    const shown = node.sh(`ip -6 address show dev ${host.name} scope link`);
    expect(shown.includes("fe80::1/128")).toBe(hasLinkLocal);
    expect(shown === "").toBe(!hasLinkLocal);
    const keys = [`ipv6.conf.${host.name}.accept_ra`, `ipv4.conf.${host.name}.proxy_arp`];
    expect(keys.map((key) => node.sh(`sysctl -n net.${key}`).trim())).toEqual(["0", "0"]);
  },
);

test("ADD() gives a default route for each family when isDefaultGateway is true", async () => {
  await using node = await Node.create();
  attach(node, { conf: PTP });
  expect(node.sh("ip -n c1 route show default")).toContain("default via 10.1.0.1 dev eth0");
  expect(node.sh("ip -n c1 -6 route show default")).toContain("default via fd00:1::1 dev eth0");
});

test("ADD() makes a configured route to the pod's own network once", async () => {
  await using node = await Node.create();
  const ipam = { ...DUAL_STACK, routes: [{ dst: "10.1.0.0/16" }, { dst: "fd00:1::/64" }] };
  attach(node, { conf: { mode: "ptp", ipam } });
  expect(node.json("ip -n c1 -j route show 10.1.0.0/16")).toHaveLength(1);
  expect(node.json("ip -n c1 -6 -j route show fd00:1::/64")).toHaveLength(1);
});

test("ADD() waits for duplicate address detection when enabledad is true", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ...PTP, enabledad: true } });
  expect(node.sh("ip -n c1 -6 address show scope global tentative")).toBe("");
  expect(node.sh("sysctl -n net.ipv4.ip_forward")).toBe("1\n");
});

test("ADD() serves pods of both modes on one node", async () => {
  await using node = await Node.create();
  attach(node, { conf: PTP });
  const ipam = { type: "host-local", subnet: "10.9.0.0/24" };
  attach(node, { conf: { name: "othernet", isDefaultGateway: true, ipam }, containerId: "c2" });
  expect(node.sh("ip netns exec c2 ping -c1 -W2 10.1.0.2")).toContain("1 received");
});
