/** DEL and GC of masquerade: nothing is left, whatever else is gone already. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { ownersOf, rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult } from "../../support/pod/attachment.ts";
import { MYNET, ownerOf } from "../../support/traffic/traffic-networks.ts";

const conf = { ...MYNET, ipMasq: true };
const nothing = { remains: [], owners: [] };

const leavings = (node: Node) => ({ remains: remains(node), owners: ownersOf(node) });

const losses = [
  { name: "nothing is gone", script: "true" },
  { name: "the namespace is gone", script: "ip netns del c1" },
  { name: "the link is gone", script: "ip -n c1 link del eth0" },
  { name: "the bridge is gone", script: "ip link del cni0" },
  { name: "the record is gone", script: "rm -r /run/podwire/mynet" },
  { name: "record and namespace are gone", script: "rm -r /run/podwire/mynet; ip netns del c1" },
  {
    name: "record and reservations are gone",
    script: "rm -r /run/podwire/mynet /var/lib/cni/networks/mynet",
  },
  {
    name: "record, reservations and namespace are gone",
    script: "rm -r /run/podwire/mynet /var/lib/cni/networks/mynet; ip netns del c1",
  },
  { name: "the record is cut off", script: "truncate -s 40 /run/podwire/mynet/c1:eth0.json" },
  { name: "the rules are flushed", script: "nft flush table inet podwire" },
  { name: "the table is gone", script: "nft delete table inet podwire" },
  { name: "the whole ruleset is gone", script: "nft flush ruleset" },
];

test.for(losses)("DEL() leaves no masquerade when $name", async ({ script }) => {
  await using node = await Node.create();
  attach(node, { conf });
  expect(ownersOf(node)).toEqual([ownerOf()]);
  node.sh(script);
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(leavings(node)).toEqual(nothing);
});

const changes = [
  { name: "ipMasq is off now", fields: { ipMasq: false } },
  { name: "ipMasq is broken now", fields: { ipMasq: "yes" } },
  { name: "the exclusions are broken now", fields: { ipMasqExclude: ["nonsense"] } },
  { name: "the backend is unknown now", fields: { ipMasqBackend: "ipfw" } },
  { name: "the bridge is another now", fields: { bridge: "cni7" } },
];

test.for(changes)("DEL() leaves no masquerade when $name", async ({ fields }) => {
  await using node = await Node.create();
  attach(node, { conf });
  const done = call(node, "DEL", { conf: { ...conf, ...fields } });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect(leavings(node)).toEqual(nothing);
});

test("DEL() leaves no masquerade when it gets an empty namespace and the previous result", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const done = callWithResult(node, "DEL", result, { conf, netns: "" });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect(ownersOf(node)).toEqual([]);
});

test("DEL() changes nothing when it runs a second time", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf, containerId: "c2" });
  call(node, "DEL", { conf });
  const before = rulesetOf(node);
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(rulesetOf(node)).toEqual(before);
});

test("DEL() leaves tables, chains and rules as they are for the next pod", async () => {
  await using node = await Node.create();
  const isShared = (line: string) => /^(table|chain|rule) /.test(line);
  attach(node, { conf });
  const before = rulesetOf(node).filter(isShared);
  call(node, "DEL", { conf });
  expect(before.length).toBeGreaterThan(0);
  expect(rulesetOf(node).filter(isShared)).toEqual(before);
});

test("DEL() makes no table when there never was an ADD", async () => {
  await using node = await Node.create();
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(rulesetOf(node)).toEqual([]);
});

const collected = [
  { name: "its namespace is there", script: "true" },
  { name: "its namespace is gone", script: "ip netns del c1" },
];

test.for(collected)("GC() removes the masquerade of an attachment when $name", async ({ script }) => {
  await using node = await Node.create();
  for (const containerId of ["c1", "c2"]) attach(node, { conf, containerId });
  node.sh(script);
  const valid = [{ containerID: "c2", ifname: "eth0" }];
  const done = call(node, "GC", { conf: { ...conf, "cni.dev/valid-attachments": valid } });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect(ownersOf(node)).toEqual([ownerOf("c2")]);
});

test("GC() leaves the masquerade of other networks", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  const other = {
    ...conf,
    name: "second",
    bridge: "cni1",
    ipam: { type: "host-local", subnet: "10.3.0.0/16" },
  };
  attach(node, { conf: other, containerId: "c2" });
  call(node, "GC", { conf: { ...conf, "cni.dev/valid-attachments": [] } });
  expect(ownersOf(node)).toEqual([ownerOf("c2", "second")]);
});
