/** `podwire doctor firewall`: chains of other programs that drop what pods send, judged by real packets too. */

import { expect, test } from "vitest";
import { dropForwarded } from "../../support/kernel/forward-chains.ts";
import { addPod, createServingNode, obey, POD_NETWORK, troubles } from "../../support/node/doctor-node.ts";
import { CONFLIST } from "../../support/node/install.ts";
import { Node } from "../../support/node/node.ts";
import { call } from "../../support/pod/attachment.ts";

const chainOf = (table: string, chain: string, policy: string, ...rules: readonly string[]) =>
  [
    `nft add table ${table}`,
    `nft 'add chain ${table} ${chain} { type filter hook forward priority 10; policy ${policy}; }'`,
    ...rules.map((rule) => `nft 'add rule ${table} ${chain} ${rule}'`),
  ].join("\n");

/** Whether what pod c1 sends leaves the node by eth0: one echo request, caught behind it. */
function passes(node: Node): boolean {
  node.sh(`nft 'add table netdev probe; add chain netdev probe in { type filter hook ingress device world0 priority 0; }
      add rule netdev probe in icmp type echo-request counter'
    ip neigh replace 192.0.2.254 lladdr 02:00:00:00:00:fe dev eth0
    ip netns exec c1 ping -c 1 -W 1 203.0.113.1 > /dev/null || true`);
  const counted = node.sh("nft list table netdev probe; nft delete table netdev probe");
  return /counter packets [1-9]/.test(counted);
}

test("doctor finds Docker's policy, and nothing once the configuration says forward", async () => {
  await using node = await createServingNode();
  expect(passes(node)).toBe(true);
  dropForwarded(node);
  expect(passes(node)).toBe(false);
  expect(troubles(node, "firewall")).toMatchObject([
    {
      level: "fault",
      text: 'chain FORWARD of table ip filter (Docker) and chain FORWARD of table ip6 filter (Docker) drop what pods of "cni0" send',
      command: `set "forward": true in plugins[0] of ${CONFLIST}; it works from the next ADD on`,
    },
  ]);
  node.sh(`sed -i 's/"type": "podwire"/"type": "podwire", "forward": true/' ${CONFLIST}`);
  addPod(node, "c3");
  expect([troubles(node), passes(node)]).toEqual([[], true]);
});

test("doctor finds the way through Docker's chains gone, and repair puts it back, when they were flushed", async () => {
  await using node = await createServingNode("--set forward=true");
  dropForwarded(node);
  addPod(node, "c3");
  node.sh("iptables-nft -F FORWARD");
  const [found, ...others] = troubles(node, "drift");
  expect([found?.command, found?.details[0], others]).toEqual([
    "podwire repair",
    "podwire/c3/eth0: the way through others' chains",
    [],
  ]);
  if (found !== undefined) obey(node, found);
  expect([troubles(node), passes(node)]).toEqual([[], true]);
});

const FIREWALLD = chainOf(
  "inet firewalld",
  "filter_FORWARD",
  "accept",
  "ct state { established, related } accept",
  "iifname lo accept",
  "reject with icmpx admin-prohibited",
);

test("doctor finds firewalld's last rule, and nothing once the bridge is in a zone", async () => {
  await using node = await createServingNode();
  node.sh(FIREWALLD);
  expect(passes(node)).toBe(false);
  expect(troubles(node, "firewall")).toMatchObject([
    {
      level: "fault",
      text: 'chain filter_FORWARD of table inet firewalld drops what pods of "cni0" send',
      command: "firewall-cmd --permanent --zone=trusted --add-interface=cni0 && firewall-cmd --reload",
    },
  ]);
  node.sh("nft 'insert rule inet firewalld filter_FORWARD iifname cni0 accept'");
  expect([troubles(node, "firewall"), passes(node)]).toEqual([[], true]);
});

const AWARE = [
  ["names the bridge", 'iifname "cni0" accept'],
  ["names the bridge among others", 'iifname { "cni0", "docker0" } accept'],
  ["names bridges by their beginning", 'iifname { "cni*", "docker*" } accept'],
  ["names the network", `ip saddr ${POD_NETWORK} accept`],
  ["names a network around it", "ip saddr 10.240.0.0/12 accept"],
  ["names networks around it", "ip saddr { 10.240.0.0/12, 172.16.0.0/12 } accept"],
  ["names the network among others", `ip saddr { 10.0.0.0/24, ${POD_NETWORK} } accept`],
] as const;

test.for(AWARE)("doctor finds nothing wrong when a rule of the chain %s", async ([, rule]) => {
  await using node = await createServingNode();
  node.sh(chainOf("ip mine", "forward", "drop", rule));
  expect([troubles(node, "firewall"), passes(node)]).toEqual([[], true]);
});

test.for([
  ["are about other bridges", 'iifname { "cni01", "docker0" } accept'],
  ["are about another network", "ip saddr 10.224.0.0/12 accept"],
  ["are about other networks", "ip saddr { 10.245.0.0/24, 10.246.0.0/24 } accept"],
] as const)("doctor finds a fault when the rules of the chain %s", async ([, rule]) => {
  await using node = await createServingNode();
  node.sh(chainOf("ip mine", "forward", "drop", rule));
  expect([troubles(node, "firewall").length, passes(node)]).toEqual([1, false]);
});

test.for(AWARE)("STATUS is content when a rule of the dropping chain %s", async ([, rule]) => {
  await using node = await Node.create();
  node.sh(chainOf("ip mine", "forward", "drop", rule));
  const conf = { ipam: { type: "host-local", subnet: POD_NETWORK } };
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("doctor says what it cannot see when a table of iptables-legacy filters", async () => {
  await using node = await createServingNode();
  const { exitCode } = node.run(["iptables-legacy", "-S", "FORWARD"]); // makes the table, where the kernel can
  const isThere = node.sh("cat /proc/net/ip_tables_names 2>/dev/null || true").includes("filter");
  expect(isThere).toBe(exitCode === 0);
  expect(troubles(node, "firewall").map(({ command }) => command)).toEqual(
    isThere ? ["iptables-legacy -S FORWARD"] : [],
  );
});
