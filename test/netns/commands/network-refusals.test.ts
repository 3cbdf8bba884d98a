/** `podwire network create`: what it refuses, in which words, without a change. */

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  CONFIG,
  configFiles,
  createNode,
  podwire,
  succeed,
  WEB,
  writeFile,
} from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";

let node: Node;
let before: string;

/** A node with a network, a pod network, and an interface for each reason not to take one. */
beforeAll(async () => {
  node = await createNode();
  succeed(node, `network create blue ${WEB}`);
  writeFile(node, "/etc/cni/net.d/10-pods.conflist", {
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      {
        type: "bridge",
        ipam: { type: "host-local", ranges: [[{ subnet: "10.244.0.0/16" }], [{ subnet: "fd00:244::/64" }]] },
      },
      { type: "portmap" },
    ],
  });
  writeFile(node, "/etc/cni/net.d/20-old.conf", {
    name: "old",
    type: "podwire",
    ipam: { type: "host-local", subnet: "10.245.0.0/24" },
  });
  node.sh(`ip address add 192.0.2.5/24 dev eth2
    ip link add eth10 type veth peer name lan10; ip link add br9 type bridge; ip link add eth3 type veth peer name lan3; ip link set eth3 master br9 up
    ip link add veth0 type veth peer name veth1; ip link set veth0 alias 'podwire pods/c1/eth0'`);
  before = configFiles(node);
});

afterAll(() => node[Symbol.asyncDispose]());

const range = (more = "") => `-s 10.2.0.0/24 --start 10.2.0.10 --end 10.2.0.20 ${more}`.trim();
const on = (uplink: string) => `--attach bridge --uplink ${uplink}`;
const swap = (from: string, to: string) => `${range("-g 10.2.0.1 -v 5").replace(from, to)} ${on("eth1")}`;

test.for([
  ["the name is taken", 1, `blue ${range()} ${on("eth1")}`, 'there is a network "blue" already'],
  ["the name has a capital", 2, `Web ${range()} ${on("eth1")}`, '"Web" is no name for a network'],
  ["the name is a path", 2, `../web ${range()} ${on("eth1")}`, '"../web" is no name for a network'],
  ["the name is reserved", 2, `none ${range()} ${on("eth1")}`, '"none" means that a pod wants no network'],
  [
    "there is no subnet",
    2,
    `test --start 10.2.0.10 --end 10.2.0.20 ${on("eth1")}`,
    "--start 10.2.0.10: there is no IPv4 --subnet",
  ],
  ["there is nothing", 2, `test ${on("eth1")}`, "--subnet: want a list of at least one"],
  ["there is no start", 2, `test ${swap("--start 10.2.0.10 ", "")}`, "--start: is missing"],
  ["there is no end", 2, `test ${swap("--end 10.2.0.20 ", "")}`, "--end: is missing"],
  [
    "the subnet has host bits",
    2,
    `test ${swap("10.2.0.0/24", "10.2.0.1/24")}`,
    "--subnet: 10.2.0.1/24 has host bits set, want 10.2.0.0/24",
  ],
  ["the subnet has no length", 2, `test ${swap("10.2.0.0/24", "10.2.0.0")}`, "--subnet: want a subnet like"],
  [
    "the start is outside",
    2,
    `test ${swap("10.2.0.10", "10.3.0.10")}`,
    '--start: "10.3.0.10" is not in subnet 10.2.0.0/24',
  ],
  [
    "the end is outside",
    2,
    `test ${swap("10.2.0.20", "10.2.1.20")}`,
    '--end: "10.2.1.20" is not in subnet 10.2.0.0/24',
  ],
  [
    "the end comes first",
    2,
    `test ${swap("10.2.0.20", "10.2.0.9")}`,
    "--end: 10.2.0.9 is before the start, 10.2.0.10",
  ],
  [
    "the end is the broadcast address",
    2,
    `test ${swap("10.2.0.20", "10.2.0.255")}`,
    "--end: 10.2.0.255 is the broadcast address",
  ],
  [
    "the gateway is outside",
    2,
    `test ${swap("10.2.0.1 ", "10.3.0.1 ")}`,
    '--gateway: "10.3.0.1" is not in subnet 10.2.0.0/24',
  ],
  [
    "the gateway is in the range",
    2,
    `test ${swap("-g 10.2.0.1 ", "-g 10.2.0.15 ")}`,
    "--gateway: 10.2.0.15 is inside the range 10.2.0.10-10.2.0.20",
  ],
  [
    "the gateway is no address",
    2,
    `test ${swap("-g 10.2.0.1 ", "-g router ")}`,
    "--gateway: want an address like",
  ],
  ["the VLAN is 0", 2, `test ${swap("-v 5", "-v 0")}`, "--vlan: want a whole number from 1 to 4094, got 0"],
  [
    "the VLAN is 4095",
    2,
    `test ${swap("-v 5", "-v 4095")}`,
    "--vlan: want a whole number from 1 to 4094, got 4095",
  ],
  [
    "the VLAN is no number",
    2,
    `test ${swap("-v 5", "-v x")}`,
    '--vlan: want a whole number from 1 to 4094, got "x"',
  ],
  [
    "a family comes twice",
    2,
    `test ${range("-s 10.3.0.0/24")} ${on("eth1")}`,
    "--subnet 10.3.0.0/24: a second one for IPv4",
  ],
  [
    "a family has no subnet",
    2,
    `test ${range("-g fd00::1")} ${on("eth1")}`,
    "--gateway fd00::1: there is no IPv6 --subnet",
  ],
  ["a family has no start", 2, `test ${range("-s fd00:9::/64")} ${on("eth1")}`, "--start: is missing"],
  [
    "the MTU is too small",
    2,
    `test ${range("--mtu 60")} ${on("eth1")}`,
    "--mtu: want a whole number from 68 to 65535, got 60",
  ],
  [
    "the MTU is larger than the uplink's",
    1,
    `test ${range("--mtu 9000")} ${on("eth1")}`,
    "--mtu 9000: eth1 carries 1500 bytes only",
  ],
  [
    "the group is no name",
    2,
    `test ${range("-n a,b")} ${on("eth1")}`,
    "--network-group: want 1 to 63 letters",
  ],
  [
    "the kind is unknown",
    2,
    `test ${range()} --attach ipvlan --uplink eth1`,
    "Allowed choices are sriov, bridge, macvlan.",
  ],
  ["the kind is not given", 2, `test ${range()} --uplink eth1`, "--uplink eth1: how?"],
  ["there is no uplink", 2, `test ${range()} --attach bridge`, "--uplink: is missing"],
  [
    "an option is SR-IOV's",
    2,
    `test ${range("--trust on")} ${on("eth1")}`,
    '--trust: has no meaning with kind "bridge"',
  ],
  [
    "a priority is SR-IOV's",
    2,
    `test ${range("-v 5 --vlan-qos 3")} ${on("eth1")}`,
    '--vlan-qos: has a meaning with attach.kind "sriov" only',
  ],
  [
    "service tags are SR-IOV's",
    2,
    `test ${range("-v 5 --vlan-proto 802.1ad")} ${on("eth1")}`,
    "--vlan-proto: has a meaning",
  ],
  ["the option is unknown", 2, `test ${range()} ${on("eth1")} --color`, "unknown option '--color'"],
  [
    "the uplink does not exist",
    1,
    `test ${range()} ${on("eth7")}`,
    "--uplink eth7: this node has no such interface",
  ],
  [
    "the uplink does not exist, and says what there is by name and number",
    1,
    `test ${range()} ${on("eth7")}`,
    "it has: br9, eth1, eth2, eth3, eth10, lan1, lan2, lan3, lan10, veth1",
  ],
  [
    "the uplink is the loopback interface",
    1,
    `test ${range()} ${on("lo")}`,
    "--uplink lo: is no interface to a network",
  ],
  [
    "the uplink is a pod's",
    1,
    `test ${range()} ${on("veth0")}`,
    "--uplink veth0: is no interface to a network",
  ],
  [
    "the uplink has addresses",
    1,
    `test ${range()} ${on("eth2")}`,
    "--uplink eth2: has addresses of the node's own, which would be cut off",
  ],
  [
    "the uplink is a port",
    1,
    `test ${range()} ${on("eth3")}`,
    "--uplink eth3: is a port of another bridge or bond",
  ],
  [
    "macvlan's uplink is a port",
    1,
    `test ${range()} --attach macvlan --uplink eth3`,
    "--uplink eth3: is a port of br9",
  ],
  [
    "there is no PF at all",
    1,
    `test ${range()}`,
    "no physical function of this node has virtual functions to give",
  ],
  [
    "the PF does not exist",
    1,
    `test ${range()} --pf ens1f0`,
    "--pf ens1f0: this node has no such physical function",
  ],
  ["it overlaps on the same VLAN", 1, `test ${WEB}`, 'network "test" overlaps with network "blue": ranges'],
  [
    "it overlaps on another VLAN",
    1,
    `test ${WEB.replace("-v 120", "-v 130")}`,
    'overlaps with network "blue": ranges',
  ],
  [
    "it shares a subnet with another VLAN",
    1,
    `test -s 10.10.120.0/24 --start 10.10.120.150 --end 10.10.120.160 -v 130 ${on("eth1")}`,
    'overlaps with network "blue": subnets 10.10.120.0/24 and 10.10.120.0/24',
  ],
  [
    "it overlaps a pod network of a list",
    1,
    `test -s 10.244.7.0/24 --start 10.244.7.5 --end 10.244.7.9 ${on("eth1")}`,
    'overlaps with the pod network "pods" of /etc/cni/net.d/10-pods.conflist',
  ],
  [
    "it overlaps an IPv6 pod network",
    1,
    `test -s fd00:244::/48 --start fd00:244:0:7::5 --end fd00:244:0:7::9 ${on("eth1")}`,
    'overlaps with the pod network "pods"',
  ],
  [
    "it overlaps a pod network of a single file",
    1,
    `test -s 10.245.0.0/24 --start 10.245.0.5 --end 10.245.0.9 ${on("eth1")}`,
    'overlaps with the pod network "old" of /etc/cni/net.d/20-old.conf',
  ],
  [
    "addresses are for multicast",
    1,
    `test -s 224.1.0.0/24 --start 224.1.0.5 --end 224.1.0.9 ${on("eth1")}`,
    "overlaps with multicast and reserved addresses",
  ],
  [
    "the range has the node's own address",
    1,
    `test -s 192.0.2.0/24 --start 192.0.2.1 --end 192.0.2.9 ${on("eth1")}`,
    "range 192.0.2.1-192.0.2.9 has 192.0.2.5 in it, an address of this node",
  ],
] as const)("create refuses the network when %s", ([, status, line, words]) => {
  const { exitCode, stdout, stderr } = podwire(node, `network create ${line}`);
  expect(stderr).toMatch(/^error: .+\n( {2}.+\n)?$/); // one line, or two
  expect(stderr).toContain(words);
  expect([exitCode, stdout]).toEqual([status, ""]);
  expect(configFiles(node)).toBe(before);
});

test("create names the interfaces that there are when the uplink does not exist", () => {
  const { stderr } = podwire(node, `network create test ${range()} ${on("eth7")}`);
  const names = /it has: (.*)/.exec(stderr)?.[1]?.split(", ");
  expect(names).toEqual(expect.arrayContaining(["eth1", "eth2", "eth3", "lan1", "br9"]));
  expect(names).not.toEqual(expect.arrayContaining(["lo"]));
  expect(names).not.toEqual(expect.arrayContaining(["veth0"]));
});

test("create refuses an untagged bridge when another network has macvlan on the interface", () => {
  succeed(node, `network create flat ${range()} --attach macvlan --uplink eth1`);
  const other = `-s 10.5.0.0/24 --start 10.5.0.5 --end 10.5.0.9 ${on("eth1")}`;
  const { exitCode, stderr } = podwire(node, `network create test ${other}`);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('network "flat" has it for macvlan')]);
  succeed(node, "network delete flat --yes");
  succeed(node, `network create test ${other}`);
  succeed(node, "network delete test --yes");
});

test("create refuses to guess when the file of another network is wrong", () => {
  writeFile(node, `${CONFIG}/networks/bad.json`, { ranges: [] });
  const { exitCode, stderr } = podwire(node, `network create test ${range()} ${on("eth1")}`);
  node.sh(`rm ${CONFIG}/networks/bad.json`);
  expect([exitCode, stderr]).toEqual([
    1,
    `error: ${CONFIG}/networks/bad.json: ranges: want a list of at least one, got []\n  correct this file, or take it away\n`,
  ]);
});
