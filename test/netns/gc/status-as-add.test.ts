/** STATUS says of a node and a configuration what ADD would do there. */

import { expect, test } from "vitest";
import { createNode } from "../../support/node/commands.ts";
import { call, DUAL_STACK, ensurePod } from "../../support/pod/attachment.ts";

const SUBNET = { type: "host-local", subnet: "10.1.0.0/16" };
const STORE = "/var/lib/cni/networks/mynet";
const GATEWAY = { isDefaultGateway: true, ipam: SUBNET };

/** What is there before both, as a script; and the configuration. */
const SITUATIONS: Readonly<Record<string, readonly [script: string, conf: object]>> = {
  "an empty node": ["", GATEWAY],
  "a bridge with the gateway's address": [
    "ip link add cni0 type bridge; ip address add 10.1.0.1/16 dev cni0; ip link set cni0 up",
    GATEWAY,
  ],
  "a bridge with another address of the family": [
    "ip link add cni0 type bridge; ip address add 10.9.0.1/16 dev cni0",
    GATEWAY,
  ],
  "a bridge with another address that forceAddress removes": [
    "ip link add cni0 type bridge; ip address add 10.9.0.1/16 dev cni0",
    { ...GATEWAY, forceAddress: true },
  ],
  "a bridge with an address of the other family": [
    "ip link add cni0 type bridge; ip address add fd09::1/64 dev cni0 nodad",
    GATEWAY,
  ],
  "a bridge with another address where no pod gets a gateway": [
    "ip link add cni0 type bridge; ip address add 10.9.0.1/16 dev cni0",
    { isGateway: undefined, ipam: SUBNET },
  ],
  "the gateway's address on another interface": ["ip address add 10.1.0.1/32 dev lo", GATEWAY],
  "something else with the bridge's name": ["ip link add cni0 type veth peer name x", GATEWAY],
  "a gateway outside of the subnet": ["", { ...GATEWAY, ipam: { ...SUBNET, gateway: "10.2.0.1" } }],
  "a route by a gateway outside of the subnet": [
    "",
    { ...GATEWAY, ipam: { ...SUBNET, routes: [{ dst: "10.5.0.0/16", gw: "10.2.0.1" }] } },
  ],
  "a resolvConf that is missing": ["", { ...GATEWAY, ipam: { ...SUBNET, resolvConf: "/run/missing.conf" } }],
  "a resolvConf that is a directory": [
    "mkdir /run/dir.conf",
    { ...GATEWAY, ipam: { ...SUBNET, resolvConf: "/run/dir.conf" } },
  ],
  "a resolvConf": [
    "echo nameserver 192.0.2.1 > /run/resolv.conf",
    { ...GATEWAY, ipam: { ...SUBNET, resolvConf: "/run/resolv.conf" } },
  ],
  "a lock that is a directory": [`mkdir -p ${STORE}/lock`, GATEWAY],
  "a lock that is a pipe": [`mkdir -p ${STORE}; mkfifo ${STORE}/lock`, GATEWAY],
  "a lock that is a loop of links": [`mkdir -p ${STORE}; ln -s lock ${STORE}/lock`, GATEWAY],
  "a file where reservations should be": [`mkdir -p /var/lib/cni/networks; touch ${STORE}`, GATEWAY],
  "a file where records should be": ["mkdir -p /run/podwire; touch /run/podwire/mynet", GATEWAY],
  "a reservation of NUL bytes": [
    `mkdir -p ${STORE}; head -c 10 /dev/zero > ${STORE}/10.1.0.2`,
    { ...GATEWAY, ipam: { ...SUBNET, rangeStart: "10.1.0.2", rangeEnd: "10.1.0.3" }, notReadyWhenFull: true },
  ],
  "a directory in the place of the last reserved address": [`mkdir -p ${STORE}/last_reserved_ip.0`, GATEWAY],
  "a directory in the place of boot_id": [`mkdir -p ${STORE}/boot_id`, GATEWAY],
  "IPv6 turned off": [
    "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1",
    { ...GATEWAY, ipam: DUAL_STACK },
  ],
  "forwarding off": ["sysctl -qw net.ipv4.ip_forward=0", GATEWAY],
  "a resolver file and a data directory that is a file": [
    "touch /run/data",
    { ...GATEWAY, ipam: { ...SUBNET, dataDir: "/run/data" } },
  ],
  "an uplink that is missing": ["", { ...GATEWAY, network: "none" }],
  "a log file in a directory that is missing": ["", { ...GATEWAY, logFile: "/run/missing/podwire.log" }],
  "masquerade with whole tables": ["", { ...GATEWAY, ipMasq: true }],
  "masquerade beside an empty table of our name": [
    "nft add table inet podwire",
    { ...GATEWAY, ipMasq: true },
  ],
  "masquerade beside a set of our name with another key": [
    "nft add table inet podwire; nft 'add set inet podwire hostports_ip { type ipv4_addr; }'",
    { ...GATEWAY, ipMasq: true },
  ],
  "a host port without nf_tables rules of ours": [
    "",
    { ...GATEWAY, runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 80 }] } },
  ],
  "an unknown delegated plugin": ["", { ...GATEWAY, ipam: { type: "nobody" } }],
  "a sysctl that nobody has": ["", { ...GATEWAY, sysctl: { "net.ipv4.nothing": "1" } }],
  "a sysctl of an interface": ["", { ...GATEWAY, sysctl: { "net.ipv4.conf.IFNAME.arp_filter": "1" } }],
  "an MTU of an uplink that the node does not have": ["", { ...GATEWAY, mtu: 9000 }],
};

test.for(Object.entries(SITUATIONS))("STATUS says what ADD does of %s", async ([, [script, conf]]) => {
  await using node = await createNode();
  ensurePod(node);
  node.sh(script);
  const said = call(node, "STATUS", { conf });
  const done = call(node, "ADD", { conf });
  expect({ STATUS: said.exitCode, said: said.stdout }, done.stdout).toMatchObject({ STATUS: done.exitCode });
});
