/** raGuard: router advertisements that a pod sends reach no other pod of its bridge. */

import { expect, test } from "vitest";
import { compiled } from "../../support/build/compile.ts";
import { allRemains } from "../../support/fault/traffic-crash.ts";
import { rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { podwire } from "../../support/node/commands.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET, POD6 } from "../../support/traffic/traffic-networks.ts";

/** Takes addresses from router advertisements. */
const LISTENER = {
  ...MYNET,
  sysctl: { "net.ipv6.conf.IFNAME.accept_ra": "1", "net.ipv6.conf.IFNAME.autoconf": "1" },
};
const WITHOUT_GATEWAY = { isGateway: false, isDefaultGateway: false };

/** What the listener `c1` has of fd66::/64 after `c2` has advertised it, and then reached the listener by IPv6. */
function addressesAdvertised(node: Node): string[] {
  node.sh(`ip netns exec c2 ${compiled("traffic/advertise")} eth0`);
  expect(node.sh(`ip netns exec c2 ping -n -c 1 -W 5 ${POD6}`)).toContain("1 received");
  const [{ addr_info: addresses }] = node.json("ip -n c1 -j -6 address show dev eth0");
  return addresses
    .map(({ local }: { local: string }) => local)
    .filter((local: string) => local.startsWith("fd66"));
}

const guarded = [
  { name: "podwire is the gateway and pods are masqueraded", listener: {}, sender: { ipMasq: true } },
  { name: "it is asked for", listener: {}, sender: { raGuard: true } },
  {
    name: "it is asked for on a bridge without a gateway",
    listener: WITHOUT_GATEWAY,
    sender: { ...WITHOUT_GATEWAY, raGuard: true },
  },
  { name: "only a pod that came later has rules", listener: { ipMasq: true }, sender: {} },
];

test.for(guarded)("ADD() drops a pod's router advertisements when $name", async ({ listener, sender }) => {
  await using node = await Node.create();
  attach(node, { conf: { ...LISTENER, ...listener } });
  attach(node, { conf: { ...MYNET, ...sender }, containerId: "c2" });
  expect(addressesAdvertised(node)).toEqual([]);
});

const open = [
  { name: "raGuard is false", sender: { ipMasq: true, raGuard: false } },
  { name: "the bridge has no gateway", sender: { ...WITHOUT_GATEWAY, ipMasq: true } },
];

test.for(open)("ADD() drops none of a pod when $name, though others are guarded", async ({ sender }) => {
  await using node = await Node.create();
  attach(node, { conf: { ...LISTENER, raGuard: true } });
  attach(node, { conf: { ...MYNET, ...sender }, containerId: "c2" });
  expect(addressesAdvertised(node)).toHaveLength(1);
});

test("ADD() makes no ruleset for the guard alone when nobody asked for it", async () => {
  await using node = await Node.create();
  const [, { name }] = attach(node, { conf: MYNET }).interfaces;
  expect(node.json(`ip -j link show dev ${name}`)).toMatchObject([{ group: "28791" }]);
  expect(rulesetOf(node)).toEqual([]);
});

test("ADD() makes both tables in one transaction when the guard is by default", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const added = call(node, "ADD", { conf: { ...MYNET, ipMasq: true }, env: { PODWIRE_NETLINK_DEBUG: "1" } });
  expect(added.stderr.match(/NFNL_MSG_BATCH_BEGIN/g)).toHaveLength(1);
  expect(node.sh("nft list chain bridge podwire prerouting")).toContain(
    "iifgroup 28791 icmpv6 type nd-router-advert drop",
  );
});

test("CHECK() names the rule, and repair() puts it back, when somebody has deleted it", async () => {
  await using node = await Node.create();
  const conf = { ...MYNET, ipMasq: true };
  const result = attach(node, { conf });
  const before = rulesetOf(node).toSorted();
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  node.sh("nft delete table bridge podwire");
  expect(callWithResult(node, "CHECK", result, { conf }).json).toMatchObject({
    code: 102,
    msg: expect.stringContaining("chain prerouting of table bridge podwire has 0 rules, want 2"),
  });
  expect(podwire(node, "repair").exitCode).toBe(0);
  expect(rulesetOf(node).toSorted()).toEqual(before);
});

const FOREIGN = "nft 'add table bridge podwire; add set bridge podwire senders { type ipv4_addr; }'";

test("ADD() goes on without the default guard when the table of bridges is another program's", async () => {
  await using node = await Node.create();
  node.sh(FOREIGN);
  const conf = { ...MYNET, ipMasq: true };
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  const result = attach(node, { conf });
  expect(node.sh("nft list map inet podwire masquerade_ip")).toContain("mynet/c1/eth0");
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(podwire(node, "repair --json").stdout).not.toContain("bridge podwire");
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("ADD() and STATUS() fail when the table of bridges is another program's and the guard was asked for", async () => {
  await using node = await Node.create();
  node.sh(FOREIGN);
  ensurePod(node);
  const conf = { ...MYNET, ipMasq: true, raGuard: true };
  const words = expect.stringContaining("table bridge podwire is not podwire's");
  expect(call(node, "STATUS", { conf }).json).toMatchObject({ code: 50, msg: words });
  expect(call(node, "ADD", { conf }).json).toMatchObject({ code: 100, msg: words });
  expect(allRemains(node)).toEqual([]);
});
