/** VLANs of a bridge on whatever kernel: made where it can filter them, refused whole where it cannot. */

import { beforeAll, expect, test } from "vitest";
import { snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { call, ensurePod } from "../../support/pod/attachment.ts";

const CONF = { vlan: 100, isGateway: true };
const LACK = "cannot filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING)";

let canFilter: boolean;
beforeAll(async () => {
  await using node = await Node.create();
  canFilter = node.run(["ip", "link", "add", "br0", "type", "bridge", "vlan_filtering", "1"]).exitCode === 0;
});

const bridges = [
  { name: "there is no bridge yet", make: "true" },
  { name: "the bridge did not filter before", make: "ip link add cni0 type bridge" },
];

test.for(bridges)("ADD() does what the kernel can, all or nothing, when $name", async ({ make }) => {
  await using node = await Node.create();
  ensurePod(node);
  node.sh(make);
  const before = snapshot(node, []);
  const { exitCode, json } = call(node, "ADD", { conf: CONF });
  if (canFilter) {
    expect([exitCode, json.interfaces.at(-1).name]).toEqual([0, "cni0.100"]);
  } else {
    expect([exitCode, json.code, json.msg]).toEqual([1, 101, expect.stringContaining(LACK)]);
    expect(snapshot(node, [])).toEqual(before);
  }
});

test("STATUS() says what the kernel lacks when it cannot filter VLANs", async () => {
  await using node = await Node.create();
  const { exitCode, json } = call(node, "STATUS", { conf: CONF });
  if (canFilter) expect([exitCode, json]).toEqual([0, undefined]);
  else
    expect([exitCode, json.code, json.msg]).toEqual([
      1,
      50,
      expect.stringContaining("no VLAN filtering by bridges"),
    ]);
});

test("STATUS() does not ask for what VLANs need when there are none", async () => {
  await using node = await Node.create();
  expect(call(node, "STATUS", { conf: { isGateway: true } })).toMatchObject({ exitCode: 0, stdout: "" });
});
