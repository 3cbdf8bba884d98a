/** `podwire doctor`: each fault made for real is named, and gone once the command that it gives was run. */

import { expect, test } from "vitest";
import { podwire } from "../../support/node/commands.ts";
import { createServingNode, obey, troubles } from "../../support/node/doctor-node.ts";

interface Case {
  readonly name: string;
  readonly script: string;
  readonly group: string;
  readonly level: "warning" | "fault";
  readonly text: string;
  readonly command: string;
}

const CASES: readonly Case[] = [
  {
    name: "the rulesets were flushed",
    script: "nft flush ruleset",
    group: "drift",
    level: "fault",
    text: "the rulesets have lost what belongs to 2 attachments",
    command: "podwire repair",
  },
  {
    name: "a pod's network namespace is gone",
    script: "ip netns del c2",
    group: "leaks",
    level: "warning",
    text: "1 attachment of pods that are gone",
    command: "podwire gc",
  },
  {
    name: "the node does not forward",
    script: "sysctl -qw net.ipv4.ip_forward=0",
    group: "sysctls",
    level: "fault",
    text: "net.ipv4.ip_forward is 0",
    command: "sysctl -w net.ipv4.ip_forward=1",
  },
  {
    name: "the bridge does not forward IPv6",
    script: "sysctl -qw net.ipv6.conf.cni0.forwarding=0",
    group: "sysctls",
    level: "fault",
    text: "net.ipv6.conf.cni0.forwarding is 0",
    command: "sysctl -w net.ipv6.conf.cni0.forwarding=1",
  },
  {
    name: "the bridge has no IPv6",
    script: "sysctl -qw net.ipv6.conf.cni0.disable_ipv6=1",
    group: "sysctls",
    level: "fault",
    text: "net.ipv6.conf.cni0.disable_ipv6 is 1",
    command: "sysctl -w net.ipv6.conf.cni0.disable_ipv6=0",
  },
  {
    name: "the default route is a router's",
    script:
      "ip -6 route add default via fe80::1 dev eth0 proto ra; sysctl -qw net.ipv6.conf.eth0.accept_ra=1",
    group: "sysctls",
    level: "warning",
    text: "net.ipv6.conf.eth0.accept_ra is 1, and the default route comes from a router's advertisement",
    command: "sysctl -w net.ipv6.conf.eth0.accept_ra=2",
  },
  {
    name: "rp_filter is strict and there are two ways out",
    script: `ip link add eth1 type veth peer name world1; ip link set eth1 up; ip link set world1 up
      ip address add 198.51.100.1/24 dev eth1; ip route add default via 198.51.100.254 metric 7
      sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=1`,
    group: "sysctls",
    level: "warning",
    text: "rp_filter is strict on eth1, and the node has several ways out",
    command: "sysctl -w net.ipv4.conf.eth1.rp_filter=2",
  },
  {
    name: "another plugin's configuration comes first",
    script: `echo '{"cniVersion":"1.0.0","name":"x","plugins":[{"type":"bridge"}]}' > /etc/cni/net.d/05-x.conflist`,
    group: "configuration",
    level: "fault",
    text: "the runtime takes /etc/cni/net.d/05-x.conflist (bridge), not /etc/cni/net.d/10-podwire.conflist",
    command: "mv /etc/cni/net.d/05-x.conflist /etc/cni/net.d/05-x.conflist.disabled",
  },
  {
    name: "a configuration that nobody can read comes first",
    script: "echo '{' > /etc/cni/net.d/05-x.conf",
    group: "configuration",
    level: "fault",
    text: "/etc/cni/net.d/05-x.conf: JSON Parse error",
    command: "mv /etc/cni/net.d/05-x.conf /etc/cni/net.d/05-x.conf.disabled",
  },
  {
    name: "a configuration of the same network lies behind",
    script: "cp /etc/cni/net.d/10-podwire.conflist /etc/cni/net.d/20-x.conflist",
    group: "configuration",
    level: "warning",
    text: "/etc/cni/net.d/10-podwire.conflist and /etc/cni/net.d/20-x.conflist both describe the network",
    command: "mv /etc/cni/net.d/20-x.conflist /etc/cni/net.d/20-x.conflist.disabled",
  },
  {
    name: "a network's file is wrong",
    script: `mkdir -p /etc/cni/net.d/podwire.d/networks; echo '{"rnages": []}' > /etc/cni/net.d/podwire.d/networks/web.json`,
    group: "configuration",
    level: "fault",
    text: '/etc/cni/net.d/podwire.d/networks/web.json: rnages: is unknown; did you mean "ranges"?',
    command: "rm /etc/cni/net.d/podwire.d/networks/web.json",
  },
  {
    name: "the default network is none",
    script: "echo nix > /etc/cni/net.d/podwire.d/default-network",
    group: "configuration",
    level: "fault",
    text: 'the default network is "nix", and there is none of that name',
    command: "rm /etc/cni/net.d/podwire.d/default-network",
  },
  {
    name: "a route takes pods' packets away",
    script:
      "ip link add docker0 type bridge; ip link set docker0 up; ip route add 10.244.0.128/25 dev docker0",
    group: "configuration",
    level: "fault",
    text: 'the route to 10.244.0.128/25 leads to "docker0", not to the pods of "cni0"',
    command: "ip route del 10.244.0.128/25 dev docker0",
  },
  {
    name: "nobody may execute the plugin",
    script: "chmod 644 /opt/cni/bin/podwire",
    group: "directories",
    level: "fault",
    text: "/opt/cni/bin/podwire has mode 644: nobody may execute it",
    command: "chmod 755 /opt/cni/bin/podwire",
  },
  {
    name: "the plugin's file system executes nothing",
    script: "mount -o remount,noexec /opt/cni/bin",
    group: "directories",
    level: "fault",
    text: "/opt/cni/bin/podwire is on a file system mounted noexec, at /opt/cni/bin",
    command: "mount -o remount,exec /opt/cni/bin",
  },
  {
    name: "others may write to the records",
    script: "chmod 777 /run/podwire",
    group: "directories",
    level: "warning",
    text: "/run/podwire has mode 0777: others than root may write to it",
    command: "chmod go-w /run/podwire",
  },
  {
    name: "the reservations are on a read-only file system",
    script: "mount -o remount,ro /var/lib/cni",
    group: "directories",
    level: "fault",
    text: "/var/lib/cni/networks is on a read-only file system, mounted at /var/lib/cni",
    command: "mount -o remount,rw /var/lib/cni",
  },
];

test.for(CASES)(
  "doctor names it, and the command mends it, when $name",
  async ({ script, group, ...wanted }) => {
    await using node = await createServingNode();
    node.sh(script);
    const [first, ...others] = troubles(node, group);
    expect(first).toMatchObject({
      group,
      level: wanted.level,
      text: expect.stringContaining(wanted.text),
      command: wanted.command,
    });
    expect(podwire(node, `doctor ${group}`).exitCode).toBe(wanted.level === "fault" ? 1 : 0);
    for (const trouble of [first, ...others]) if (trouble !== undefined) obey(node, trouble);
    expect(troubles(node, group)).toEqual([]);
  },
);
