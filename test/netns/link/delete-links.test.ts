/** Several interfaces removed in one go. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { evaluateIn, ROUTE, SOCKET } from "../../support/node/in-node.ts";
import { Node } from "../../support/node/node.ts";

const IMPORTS = { ...ROUTE, "src/link/link.ts": ["deleteLinks", "getLink"] };
const NO_INDEX = 9_999;

test.for([
  { gone: "none", indexes: "one, two", left: [undefined, undefined] },
  { gone: "the first", indexes: `${NO_INDEX}, two`, left: ["one", undefined] },
  { gone: "the last", indexes: `one, ${NO_INDEX}`, left: [undefined, "two"] },
  { gone: "all", indexes: `${NO_INDEX}, ${NO_INDEX + 1}`, left: ["one", "two"] },
])(
  "deleteLinks() removes those that are there when $gone of them is gone already",
  async ({ indexes, left }) => {
    await using node = await Node.create();
    node.sh("ip link add one type bridge; ip link add two type bridge");
    const find = 'const [one, two] = ["one", "two"].map((name) => getLink(socket, name).ifindex);';
    evaluateIn(node, IMPORTS, `${SOCKET} ${find} deleteLinks(socket, [${indexes}]);`);
    expect(["one", "two"].map((name) => linkOf(node, name)?.ifname)).toEqual(left);
  },
);
