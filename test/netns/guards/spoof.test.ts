/** macspoofchk: frames that a pod sends under another MAC address than its own are dropped. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { elementsOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { GATEWAY4, GATEWAY6, MYNET } from "../../support/traffic/traffic-networks.ts";

const conf = { ...MYNET, macspoofchk: true };
const OTHER = "02:00:00:00:00:99";

/** Whether the gateway answers a pod that asks by this interface. */
function isAnswered(node: Node, ifname: string, pod = "c1", gateway = GATEWAY4): boolean {
  const ping = `ip netns exec ${pod} ping -n -c 2 -i 0.2 -w 2 -W 1 -I ${ifname} ${gateway}`;
  return node.sh(`${ping} || true`).includes(" bytes from ");
}

/** A second MAC address on the pod's interface, with addresses of the pod's networks. */
function addSecondMac(node: Node, mac: string, pod = "c1"): void {
  node.sh(`ip netns exec ${pod} sh -ec '
    ip link add link eth0 name other address ${mac} type macvlan mode private
    echo 0 > /proc/sys/net/ipv6/conf/other/accept_dad
    ip link set other up
    ip address add 10.1.0.77/16 dev other
    ip address add fd00:1::77/64 dev other'`);
}

const families = [
  { family: "IPv4", gateway: GATEWAY4 },
  { family: "IPv6", gateway: GATEWAY6 },
];

test.for(families)(
  "ADD() drops a pod's $family frames when they have another sender",
  async ({ gateway }) => {
    await using node = await Node.create();
    attach(node, { conf });
    addSecondMac(node, OTHER);
    expect(isAnswered(node, "other", "c1", gateway)).toBe(false);
  },
);

test.for(families)(
  "ADD() lets a pod's own $family frames pass when senders are checked",
  async ({ gateway }) => {
    await using node = await Node.create();
    attach(node, { conf });
    addSecondMac(node, OTHER);
    expect(isAnswered(node, "eth0", "c1", gateway)).toBe(true);
  },
);

test("ADD() drops a pod's frames when it changes its MAC address", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh(`ip -n c1 link set eth0 address ${OTHER}`);
  expect(isAnswered(node, "eth0")).toBe(false);
});

test("ADD() drops a pod's frames when it takes the address of another checked pod", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  const [, , { mac }] = attach(node, { conf, containerId: "c2" }).interfaces;
  addSecondMac(node, mac);
  expect(isAnswered(node, "other")).toBe(false);
});

const unchecked = [
  { name: "absent", fields: {} },
  { name: "false", fields: { macspoofchk: false } },
];

test.for(unchecked)("ADD() drops nothing when macspoofchk is $name", async ({ fields }) => {
  await using node = await Node.create();
  attach(node, { conf: { ...MYNET, ...fields } });
  addSecondMac(node, OTHER);
  expect(isAnswered(node, "other")).toBe(true);
});

test("ADD() drops nothing of an unchecked pod when another one is checked", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf: MYNET, containerId: "c2" });
  addSecondMac(node, OTHER, "c2");
  expect(isAnswered(node, "other", "c2")).toBe(true);
});

const chosen = [
  { name: "the runtime", fields: { runtimeConfig: { mac: OTHER } } },
  { name: "the configuration", fields: { mac: OTHER } },
];

test.for(chosen)("ADD() takes the MAC address that $name asks for as the pod's own", async ({ fields }) => {
  await using node = await Node.create();
  attach(node, { conf: { ...conf, ...fields } });
  expect(linkOf(node, "eth0", "c1").address).toBe(OTHER);
  expect(isAnswered(node, "eth0")).toBe(true);
});

test("ADD() lets answers to the pod pass when the gateway has another MAC address", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf, containerId: "c2" });
  expect(node.sh("ip netns exec c1 ping -n -c 1 -W 2 10.1.0.3")).toContain("1 received");
});

test("DEL() takes the pod's elements away and leaves the other pods' when senders are checked", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  const [, { name: port }, { mac }] = attach(node, { conf, containerId: "c2" }).interfaces;
  call(node, "DEL", { conf: MYNET });
  const comment = "mynet/c2/eth0";
  expect(elementsOf(node)).toEqual([
    { table: "bridge podwire", set: "checked", key: port, comment },
    { table: "bridge podwire", set: "senders", key: `${port} . ${mac}`, comment },
  ]);
});

const removals = [
  { name: "the namespace is gone", before: "ip netns del c1", netns: "" },
  { name: "the record is gone", before: "rm -r /run/podwire", netns: "/run/netns/c1" },
  { name: "record and namespace are gone", before: "rm -r /run/podwire; ip netns del c1", netns: "" },
];

test.for(removals)("DEL() takes the pod's elements away when $name", async ({ before, netns }) => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh(before);
  expect(call(node, "DEL", { conf: MYNET, netns })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  expect(elementsOf(node)).toEqual([]);
});

test("GC() takes the elements of attachments away that it does not list", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf, containerId: "c2" });
  const valid = [{ containerID: "c2", ifname: "eth0" }];
  call(node, "GC", { conf: { ...MYNET, "cni.dev/valid-attachments": valid } });
  expect(new Set(elementsOf(node).map(({ comment }) => comment))).toEqual(new Set(["mynet/c2/eth0"]));
});
