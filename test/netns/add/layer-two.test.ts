/** Attachments without addresses. */

import { expect, test } from "vitest";
import { linkOf, prefixesOf, snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";

const none = [
  { name: "no ipam", conf: { ipam: undefined } },
  { name: "an empty ipam", conf: { ipam: {} } },
  { name: "an empty ipam.type", conf: { ipam: { type: "" } } },
  { name: "no ipam in version 0.4.0", conf: { ipam: undefined, cniVersion: "0.4.0" } },
];

test.for(none)("ADD(), CHECK() and DEL() succeed when there is $name", async ({ conf }) => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node);
  const result = attach(node, { conf });
  expect(result.ips ?? []).toEqual([]);
  expect(linkOf(node, "eth0", "c1").flags).toContain("UP");
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(callWithResult(node, "DEL", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(snapshot(node)).toEqual(before);
});

test("ADD() puts no address on the bridge when there are none for pods", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ipam: undefined } });
  expect(prefixesOf(node, "cni0")).toEqual([]);
});

test("ADD() prints the bridge's own MAC when it made the bridge without addresses", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf: { ipam: undefined } });
  expect(interfaces[0].mac).toBe(linkOf(node, "cni0").address);
  expect(interfaces[0].mac).not.toBe(interfaces[1].mac);
});

test.for(["0.1.0", "0.2.0"])(
  "ADD() refuses with code 7 when version %s cannot say it",
  async (cniVersion) => {
    await using node = await Node.create();
    ensurePod(node);
    const before = snapshot(node, []);
    const added = call(node, "ADD", { conf: { cniVersion, ipam: undefined } });
    expect([added.exitCode, added.json.code]).toEqual([1, 7]);
    expect(snapshot(node, [])).toEqual(before);
  },
);
