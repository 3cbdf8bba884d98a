/** The container's MAC address: whose wish comes first, and which are refused. */

import { expect, test } from "vitest";
import { linkOf, snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

const [A, B, C] = ["c2:00:00:00:00:0a", "c2:00:00:00:00:0b", "c2:00:00:00:00:0c"];
const runtime = { runtimeConfig: { mac: A } };
const user = { args: { cni: { mac: B } } };

const cases = [
  { name: "runtimeConfig and all others name one", conf: { ...runtime, ...user }, args: `MAC=${C}`, want: A },
  { name: "args.cni and CNI_ARGS name one", conf: user, args: `MAC=${C}`, want: B },
  { name: "CNI_ARGS alone names one", conf: {}, args: `IgnoreUnknown=1;MAC=${C};K8S_POD_NAME=a`, want: C },
  { name: "runtimeConfig's is empty", conf: { ...user, runtimeConfig: { mac: "" } }, args: "", want: B },
  { name: "it is in capitals", conf: { runtimeConfig: { mac: A.toUpperCase() } }, args: "", want: A },
];

test.for(cases)("ADD() chooses the MAC by precedence when $name", async ({ conf, args, want }) => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf, args });
  expect(linkOf(node, "eth0", "c1").address).toBe(want);
  expect(interfaces[2].mac).toBe(want);
});

test("ADD() gives two pods different MACs when nobody names one", async () => {
  await using node = await Node.create();
  const all = [...attach(node).interfaces, ...attach(node, { containerId: "c2" }).interfaces.slice(1)];
  expect(new Set(all.map(({ mac }) => mac)).size).toBe(5);
});

const wrong = [
  { name: "no MAC", mac: "hello" },
  { name: "a multicast one", mac: "01:00:5e:00:00:01" },
  { name: "all zero", mac: "00:00:00:00:00:00" },
  { name: "too long", mac: "c2:00:00:00:00:0a:0b" },
];

test.for(wrong)("ADD() refuses with code 7 and changes nothing when the MAC is $name", async ({ mac }) => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node, []);
  const added = call(node, "ADD", { conf: { runtimeConfig: { mac } } });
  expect([added.exitCode, added.json.code]).toEqual([1, 7]);
  expect(added.json.msg).toContain("runtimeConfig.mac");
  expect(snapshot(node, [])).toEqual(before);
});
