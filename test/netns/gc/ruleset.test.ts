/** GC and our nftables tables: what attachments share goes when its time is over. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";

const conf = { ipMasq: true, ingressPolicy: "isolated", "cni.dev/valid-attachments": [] };
const done = { exitCode: 0, stdout: "" };

test("GC() removes masquerade chains that no pod uses, and keeps the others", async () => {
  await using node = await Node.create();
  const other = { name: "other", bridge: "br1", ipam: { type: "host-local", subnet: "10.9.0.0/16" } };
  attach(node, { conf });
  attach(node, { containerId: "c2", conf: { ...conf, ...other } });
  expect(node.sh("nft list ruleset").match(/chain masquerade-/g)).toHaveLength(2);
  expect(call(node, "GC", { conf })).toMatchObject(done);
  const rules = node.sh("nft list ruleset");
  expect(rules.match(/chain masquerade-/g)).toHaveLength(1);
  expect(rules).toContain("10.9.0.0/16");
});

test("GC() removes what belongs to bridges that are gone, and keeps the others", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ...conf, bridge: "br1" } });
  attach(node, { containerId: "c2", conf: { ...conf, bridge: "br2" } });
  node.sh("ip link delete br1");
  expect(call(node, "GC", { conf })).toMatchObject(done);
  const rules = node.sh("nft list ruleset");
  expect(rules).not.toContain('"br1"');
  expect(rules.match(/"br2"/g)).toHaveLength(5);
});

test("GC() makes no table where there is none", async () => {
  await using node = await Node.create();
  expect(call(node, "GC", { conf })).toMatchObject(done);
  expect(node.sh("nft list ruleset")).toBe("");
});
