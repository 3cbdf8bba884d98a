/** Shaping: the ifb device, which no namespace takes along, goes with DEL, GC and every ADD that fails. */

import { expect, test } from "vitest";
import { links, remains } from "../../support/kernel/kernel.ts";
import { bucketAt, ifbsOf } from "../../support/kernel/queues.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET, OTHERNET } from "../../support/traffic/traffic-networks.ts";

const M = 1_000_000;
const bandwidth = { ingressRate: 20 * M, egressRate: 10 * M };
const shaped = (network: object = MYNET) => ({ ...network, runtimeConfig: { bandwidth } });

/** What is left of attachments; the bridges stay. */
const leftOf = (node: Node) => [...remains(node), ...ifbsOf(node)];
const done = { exitCode: 0, stdout: "", stderr: "" };

const removals = [
  { name: "the runtime gives the rates again", conf: shaped(), netns: undefined, before: "true" },
  { name: "the runtime leaves the rates out", conf: MYNET, netns: undefined, before: "true" },
  { name: "the namespace is gone", conf: MYNET, netns: undefined, before: "ip netns del c1" },
  { name: "there is no path of the namespace", conf: MYNET, netns: "", before: "true" },
  { name: "the record is gone", conf: MYNET, netns: undefined, before: "rm -r /run/podwire" },
  {
    name: "record and namespace are gone",
    conf: MYNET,
    netns: "",
    before: "rm -r /run/podwire; ip netns del c1",
  },
  {
    name: "the rates are no numbers any more",
    conf: { ...MYNET, egressRate: "fast" },
    netns: undefined,
    before: "true",
  },
  {
    name: "the ifb is gone",
    conf: MYNET,
    netns: undefined,
    before: "ip link del $(ip -br link show type ifb | cut -d' ' -f1)",
  },
];

test.for(removals)("DEL() removes the ifb and all else when $name", async ({ conf, netns, before }) => {
  await using node = await Node.create();
  attach(node, { conf: shaped() });
  node.sh(before);
  const place = netns === undefined ? {} : { netns };
  expect(call(node, "DEL", { conf, ...place })).toMatchObject(done);
  expect(leftOf(node)).toEqual([]);
});

test("DEL() removes the ifb when it gets the result of ADD", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf: shaped() });
  expect(callWithResult(node, "DEL", result, { conf: MYNET })).toMatchObject(done);
  expect(leftOf(node)).toEqual([]);
});

test("DEL() succeeds twice when the ifb went with the first", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped() });
  call(node, "DEL", { conf: MYNET });
  expect(call(node, "DEL", { conf: MYNET })).toMatchObject(done);
});

test("DEL() leaves the other interface's ifb when a container has two", async () => {
  await using node = await Node.create();
  const kept = attach(node, { conf: shaped() }).interfaces[3].name;
  attach(node, { conf: shaped(OTHERNET), ifname: "eth1" });
  call(node, "DEL", { conf: OTHERNET, ifname: "eth1" });
  expect(ifbsOf(node)).toEqual([kept]);
  expect(bucketAt(node, kept)?.rate).toBe(1_250_000);
});

test("DEL() leaves an ifb of the same name when it is somebody else's", async () => {
  await using node = await Node.create();
  const { name } = attach(node, { conf: shaped() }).interfaces[3];
  node.sh(`ip link set ${name} alias other`);
  call(node, "DEL", { conf: MYNET });
  expect(ifbsOf(node)).toEqual([name]);
});

test("ADD() fails with code 100 and leaves nothing when the ifb's name is taken", async () => {
  await using node = await Node.create();
  const { name } = attach(node, { conf: shaped() }).interfaces[3];
  call(node, "DEL", { conf: MYNET });
  node.sh(`ip link add ${name} type ifb`);
  const { exitCode, json } = call(node, "ADD", { conf: shaped() });
  expect({ exitCode, code: json.code }).toEqual({ exitCode: 1, code: 100 });
  expect(json.msg).toContain(name);
  expect(remains(node)).toEqual([]);
  expect(ifbsOf(node)).toEqual([name]);
});

test("ADD() leaves no ifb when a later step fails", async () => {
  await using node = await Node.create();
  ensurePod(node);
  node.sh("ip link add cni0 type bridge; ip address add 10.9.0.1/16 dev cni0");
  expect(call(node, "ADD", { conf: shaped() }).json).toMatchObject({ code: 100 });
  expect(leftOf(node)).toEqual([]);
});

test("GC() removes the ifbs of attachments that it does not list, and those alone", async () => {
  await using node = await Node.create();
  const kept = attach(node, { conf: shaped() }).interfaces[3].name;
  const stranger = attach(node, { conf: shaped(OTHERNET), containerId: "c2" }).interfaces[3].name;
  attach(node, { conf: shaped(), containerId: "c3" });
  const valid = [{ containerID: "c1", ifname: "eth0" }];
  expect(call(node, "GC", { conf: { ...MYNET, "cni.dev/valid-attachments": valid } })).toMatchObject(done);
  expect(ifbsOf(node).toSorted()).toEqual([kept, stranger].toSorted());
});

test("GC() removes an ifb when nothing else is left of its attachment", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped() });
  const isGone = () => links(node).every(({ linkinfo }) => linkinfo?.info_kind !== "veth");
  node.sh(
    "rm -r /run/podwire /var/lib/cni/networks; ip link del $(ip -br link show type veth | cut -d@ -f1)",
  );
  expect(isGone()).toBe(true);
  const swept = call(node, "GC", { conf: { ...MYNET, "cni.dev/valid-attachments": [] } });
  expect(swept).toMatchObject(done);
  expect(ifbsOf(node)).toEqual([]);
});
