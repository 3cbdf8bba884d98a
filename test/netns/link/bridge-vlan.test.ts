/** A bridge that cannot filter VLANs; what needs a kernel that can is in test/vm. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { errorIn, ROUTE, SOCKET } from "../../support/node/in-node.ts";
import { Node } from "../../support/node/node.ts";

const IMPORTS = { ...ROUTE, "src/link/bridge-vlan.ts": ["ensureVlanFiltering"] };

test("ensureVlanFiltering() throws NoVlanFiltering and changes nothing when the kernel shows no default VLAN", async () => {
  await using node = await Node.create();
  node.sh("ip link add br0 type bridge");
  const body = `${SOCKET} ensureVlanFiltering(socket, { ...getLink(socket, "br0"), filter: undefined });`;
  expect(errorIn(node, IMPORTS, body)).toBe("NoVlanFiltering");
  expect(linkOf(node, "br0").linkinfo.info_data.vlan_filtering).toBe(0);
});
