/** A table of podwire's name that another program made: ADD refuses it in words and leaves nothing, DEL works beside it. */

import { expect, test } from "vitest";
import { allRemains } from "../../support/fault/traffic-crash.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { holdTable } from "../../support/kernel/owned-table.ts";
import { rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node, PODWIRE } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";

const conf = mapped([WEB], { ...MYNET, ipMasq: true, macspoofchk: true });

const foreign = [
  {
    name: "a set has another key",
    script: "add set inet podwire guarded { type ipv4_addr; elements = { 192.0.2.1 } }",
    says: 'set guarded is "type ipv4_addr", want "type ifname"',
  },
  {
    name: "a map stands in the place of a set",
    script: "add map inet podwire guarded { type ifname : verdict; }",
    says: 'set guarded is "type ifname : verdict", want "type ifname"',
  },
  {
    name: "a set stands in the place of a map",
    script: "add set inet podwire masquerade_ip { type ifname . ipv4_addr; }",
    says: 'set masquerade_ip is "type ifname . ipv4_addr", want "type ifname . ipv4_addr : verdict"',
  },
  {
    name: "a map has other values",
    script: "add map inet podwire hostports_ip { type inet_proto . inet_service : ipv4_addr; }",
    says: 'set hostports_ip is "type inet_proto . inet_service : ipv4_addr", want',
  },
  {
    name: "a set takes intervals",
    script: "add set inet podwire guarded { type ifname; flags interval; }",
    says: 'set guarded is "type ifname flags 0x4", want "type ifname"',
  },
  {
    name: "a set has a key that podwire has no name for",
    script: "add set inet podwire guarded { type mark; }",
    says: 'set guarded is "type number 19", want "type ifname"',
  },
  {
    name: "a chain has another priority",
    script: "add chain inet podwire forward { type filter hook forward priority 10; }",
    says: 'chain forward is "type filter hook forward priority 10", want "type filter hook forward priority 0"',
  },
  {
    name: "a chain has another hook",
    script: "add chain inet podwire forward { type filter hook input priority 0; }",
    says: 'chain forward is "type filter hook input priority 0", want',
  },
  {
    name: "a chain is of another type",
    script: "add chain inet podwire prerouting { type filter hook prerouting priority -100; }",
    says: 'chain prerouting is "type filter hook prerouting priority -100", want "type nat hook prerouting priority -100"',
  },
  {
    name: "a chain has no hook, and rules",
    script: "add chain inet podwire forward; add rule inet podwire forward counter drop",
    says: 'chain forward is "without a hook", want "type filter hook forward priority 0"',
  },
  {
    name: "a chain that others lead to has a hook",
    script: "add chain inet podwire hostports { type filter hook forward priority 0; }",
    says: 'chain hostports is "type filter hook forward priority 0", want "without a hook"',
  },
  {
    name: "it is the table of bridges",
    table: "bridge podwire",
    script: "add set bridge podwire senders { type ipv4_addr; }",
    says: 'set senders is "type ipv4_addr", want "type',
  },
];

function makeForeign(node: Node, { script, table = "inet podwire" }: { script: string; table?: string }) {
  node.sh(`nft 'add table ${table}; ${script}'`);
  return { table, rules: rulesetOf(node) };
}

test.for(foreign)("ADD() and STATUS() say what is not podwire's when $name", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  const { table, rules } = makeForeign(node, row);
  const added = call(node, "ADD", { conf });
  const words = `table ${table} is not podwire's: ${row.says}`;
  expect([added.exitCode, added.json]).toMatchObject([1, { code: 100 }]);
  expect(added.json.msg).toContain(words);
  expect(added.json.details).toContain(`nft delete table ${table}`);
  expect([allRemains(node), rulesetOf(node)]).toEqual([[], rules]);
  const status = call(node, "STATUS", { conf });
  expect([status.exitCode, status.json.code, status.json.msg]).toEqual([
    1,
    50,
    expect.stringContaining(words),
  ]);
  node.sh(`nft delete table ${table}`);
  expect(call(node, "STATUS", { conf }).exitCode).toBe(0);
  expect(attach(node, { conf }).ips).toHaveLength(2);
});

test.for(foreign)("DEL() and GC() leave the foreign table as it is when $name", async (row) => {
  await using node = await Node.create();
  for (const containerId of ["c1", "c2", "c3"])
    attach(node, { conf: { ...conf, runtimeConfig: {} }, containerId });
  node.sh(
    "nft delete table inet podwire; nft delete table bridge podwire; rm /run/podwire/mynet/c2:eth0.json",
  );
  const { rules } = makeForeign(node, row);
  for (const containerId of ["c1", "c2"]) expect(call(node, "DEL", { conf, containerId }).stdout).toBe("");
  node.sh("ip netns del c3");
  const none = { ...conf, "cni.dev/valid-attachments": [] };
  expect(call(node, "GC", { conf: none })).toMatchObject({ exitCode: 0, stdout: "" });
  node.sh("ip link del cni0");
  expect(call(node, "GC", { conf: none })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(allRemains(node)).toEqual([]);
  expect(rulesetOf(node)).toEqual(rules);
});

const compatible = [
  { name: "is empty", script: "" },
  {
    name: "has a chain of another name",
    script: "add chain inet podwire own { type filter hook input priority 5; }",
  },
  { name: "has a set of another name", script: "add set inet podwire own { type mark; }" },
  { name: "has a counter of a set's name", script: "add counter inet podwire guarded" },
];

test.for(compatible)("ADD() puts its own into the table when it $name", async (row) => {
  await using node = await Node.create();
  const { rules } = makeForeign(node, row);
  const theirs = (line: string) => !line.startsWith("table ");
  attach(node, { conf });
  expect(rulesetOf(node)).toEqual(expect.arrayContaining(rules.filter(theirs)));
  expect(node.sh("nft list map inet podwire hostports_ip")).toContain('tcp . 8080 comment "mynet/c1/eth0"');
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("ADD() and STATUS() name the owner when the table is owned by a living process", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const { end } = await holdTable(node, "inet podwire");
  const words = "table inet podwire is not podwire's: the process with netlink port ";
  const added = call(node, "ADD", { conf });
  expect([added.json.code, added.json.msg]).toEqual([100, expect.stringContaining(words)]);
  expect(remains(node)).toEqual([]);
  expect(call(node, "STATUS", { conf }).json).toMatchObject({
    code: 50,
    msg: expect.stringContaining(words),
  });
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  await end();
  expect(attach(node, { conf }).ips).toHaveLength(2);
});

test("repair and doctor say what is not podwire's when a pod's table was replaced", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh("nft delete table inet podwire");
  const { rules } = makeForeign(node, {
    script: "add set inet podwire guarded { type ipv4_addr; elements = { 192.0.2.1 } }",
  });
  const words = 'table inet podwire is not podwire\'s: set guarded is "type ipv4_addr", want "type ifname"';
  const repaired = node.run([PODWIRE, "repair"]);
  expect([repaired.exitCode, repaired.stdout]).toEqual([1, expect.stringContaining(words)]);
  expect(repaired.stdout).toContain("nft delete table inet podwire");
  expect(rulesetOf(node)).toEqual(rules);
  const found = JSON.parse(node.run([PODWIRE, "doctor", "drift", "--json"]).stdout);
  expect(found).toContainEqual(expect.objectContaining({ level: "fault", check: "tables", text: words }));
  node.sh("nft delete table inet podwire");
  expect(node.run([PODWIRE, "repair"]).exitCode).toBe(0);
});

const sleeping = "nft add table inet podwire '{ flags dormant; }'";
const isAsleep = (node: Node) => node.sh("nft list table inet podwire").includes("dormant");

test("CHECK() says that the table is dormant and repair wakes it when somebody has put it to sleep", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  node.sh(sleeping);
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect(checked.json).toMatchObject({
    code: 102,
    msg: expect.stringContaining("table inet podwire is dormant: its rules do nothing"),
  });
  expect(node.run([PODWIRE, "repair"]).stdout).toContain("mynet/c1/eth0: put back the rules");
  expect(isAsleep(node)).toBe(false);
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test.for([
  { name: "is whole", before: "true" },
  { name: "is empty", before: "nft delete table inet podwire" },
])("ADD() wakes a dormant table when it $name", async ({ before }) => {
  await using node = await Node.create();
  attach(node, { conf: { ...conf, runtimeConfig: {} } });
  node.sh(`${before}; ${sleeping}`);
  expect(isAsleep(node)).toBe(true);
  attach(node, { conf, containerId: "c2" });
  expect(isAsleep(node)).toBe(false);
});
