/**
 * What the kernel does for a pod's port is work for every port of its bridge: here is what podwire keeps it from doing,
 * and what stays as it is for the pods.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { Segment } from "../../support/pod/segment.ts";
import { MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";

const snooping = (node: Node, bridge: string) => linkOf(node, bridge).linkinfo.info_data.mcast_snooping;

test("ADD() makes a bridge that does not snoop when nobody on it asks for groups", async () => {
  await using node = await Node.create();
  attach(node);
  expect(snooping(node, "cni0")).toBe(0);
});

test("ADD() makes a bridge that snoops when an uplink leads to those who may ask for groups", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: [{ network: "web" }] });
  expect(snooping(segment.node, "pw-eth1")).toBe(1);
});

const others = [
  { name: "somebody else made it", make: (node: Node) => node.sh("ip link add cni0 type bridge") },
  {
    name: "somebody has turned it on",
    make: (node: Node) => {
      attach(node, { containerId: "c2" });
      node.sh("ip link set cni0 type bridge mcast_snooping 1");
    },
  },
];

test.for(others)("ADD() leaves the bridge's snooping on when $name", async ({ make }) => {
  await using node = await Node.create();
  make(node);
  attach(node);
  expect(snooping(node, "cni0")).toBe(1);
});

test.for([
  { family: 4, group: "224.0.0.1", peer: "10.1.0.3" },
  { family: 6, group: "ff02::1", peer: "fe80::" },
])("ADD() makes pods that reach each other by IPv$family multicast", async ({ group, peer }) => {
  await using node = await Node.create();
  attach(node);
  attach(node, { containerId: "c2" });
  node.sh("ip netns exec c2 sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0");
  await setTimeout(2500); // detection of link-local addresses
  const [{ address }] = node
    .json("ip -n c2 -j -6 address show dev eth0")
    .map(({ addr_info: [first] }: { addr_info: { local: string }[] }) => ({ address: first?.local }));
  const answers = node.sh(`ip netns exec c1 ping -c 2 -W 1 -I eth0 ${group}`);
  expect(answers).toContain(`from ${peer === "fe80::" ? address : peer}`);
});

/** What the kernel says on the node, by `command` of iproute2, while `during` runs. */
async function said(node: Node, command: string, during: () => void): Promise<string> {
  const [file = "", ...args] = node.command(["sh", "-c", `echo ready; exec ${command}`]);
  const monitor: ChildProcess = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: string[] = [];
  monitor.stdout?.on("data", (chunk) => chunks.push(String(chunk)));
  if (monitor.stdout !== null) await once(monitor.stdout, "data");
  await setTimeout(300);
  during();
  await setTimeout(500);
  monitor.kill();
  await once(monitor, "close");
  return chunks.join("");
}

test("ADD() has the bridge turn the pod's port on once when it has others", async () => {
  await using node = await Node.create();
  attach(node, { containerId: "c2" });
  let host = "";
  const states = await said(node, "stdbuf -oL bridge monitor link", () => {
    host = attach(node).interfaces[1].name;
  });
  const own = states.split("\n").filter((line) => line.includes(` ${host}@`) || line.includes(` ${host}:`));
  const seen = own.flatMap((line) => line.match(/ state (\w+)/)?.[1] ?? []);
  expect(seen.filter((state, i) => state !== seen[i - 1])).toEqual(["disabled", "forwarding"]);
});

test("ADD() leaves a bridge that says that it is up when it was up without a port before", async () => {
  await using node = await Node.create();
  node.sh("ip link add cni0 type bridge; ip link set cni0 up");
  expect(linkOf(node, "cni0").operstate).toBe("UNKNOWN");
  attach(node);
  expect(linkOf(node, "cni0").operstate).toBe("UP");
});

test("ADD() leaves no route for multicast to the pod's port alone", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node);
  const devices = node
    .json("ip -6 -j route show table all type multicast")
    .map(({ dev }: { dev: string }) => dev);
  expect(devices).not.toContain(interfaces[1].name);
});

const reports = (node: Node) =>
  node.sh("awk '$1 == \"Icmp6OutMLDv2Reports\" { print $2 }' /proc/net/dev_snmp6/cni0").trim();

test("ADD() has the bridge announce its groups once when two pods have host ports", async () => {
  await using node = await Node.create();
  attach(node, { conf: mapped([WEB]) });
  await setTimeout(4000); // the bridge's own, after it has its first port
  const before = reports(node);
  attach(node, { conf: mapped([{ ...WEB, hostPort: WEB.hostPort + 1 }]), containerId: "c2" });
  await setTimeout(2000);
  expect(reports(node)).toBe(before);
});

test("ADD() turns route_localnet on again when somebody has turned it off", async () => {
  await using node = await Node.create();
  const key = "/proc/sys/net/ipv4/conf/cni0/route_localnet";
  attach(node, { conf: mapped([WEB]) });
  node.sh(`echo 0 > ${key}`);
  call(node, "DEL", { conf: MYNET });
  attach(node, { conf: mapped([WEB]) });
  expect(node.sh(`cat ${key}`).trim()).toBe("1");
});
