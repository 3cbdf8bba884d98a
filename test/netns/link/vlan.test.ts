/** vlan interfaces where one cannot be made; what needs a kernel with 802.1q is in test/vm. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { errorIn, evaluateIn, ROUTE, SOCKET } from "../../support/node/in-node.ts";
import { Node } from "../../support/node/node.ts";

const IMPORTS = { ...ROUTE, "src/link/vlan.ts": ["ensureVlanLink", "removeVlanLink"] };
const ENSURE = `${SOCKET} ensureVlanLink(socket, { uplink: getLink(socket, "up0"), vlan: 100 });`;

test("ensureVlanLink() throws NotThisVlan and leaves the interface when its name is taken", async () => {
  await using node = await Node.create();
  node.sh("ip link add up0 type veth peer name up0.100; ip link set up0 up");
  expect(errorIn(node, IMPORTS, ENSURE)).toBe("NotThisVlan");
  expect(linkOf(node, "up0.100")).toMatchObject({ operstate: "DOWN", linkinfo: { info_kind: "veth" } });
});

test("ensureVlanLink() throws UplinkDown and makes nothing when the uplink is down", async () => {
  await using node = await Node.create();
  node.sh("ip link add up0 type veth peer name far0");
  expect(errorIn(node, IMPORTS, ENSURE)).toBe("UplinkDown");
  expect(linkOf(node, "up0.100")).toBeUndefined();
});

test("removeVlanLink() leaves an interface that is no VLAN's when it bears our mark", async () => {
  await using node = await Node.create();
  node.sh("ip link add up0.100 type bridge; ip link set up0.100 alias 'podwire vlan'");
  expect(evaluateIn(node, IMPORTS, `${SOCKET} return removeVlanLink(socket, "up0.100");`)).toBe(false);
  expect(linkOf(node, "up0.100")).toBeDefined();
});
