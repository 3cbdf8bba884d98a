/** Announcements as a neighbour hears them: its cache follows, whatever it held before. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { evaluateIn } from "../../support/node/in-node.ts";
import { Node } from "../../support/node/node.ts";

const IMPORTS = {
  "src/link/announce.ts": ["announce"],
  "src/linux/netns.ts": ["NetnsHandle"],
  "src/addr/address.ts": ["parseAddress"],
};
const MAC = "02:00:00:00:00:01";
/** An ifindex that no interface has. */
const NOBODY = 9999;
const FORMER = "02:00:00:00:00:99";

/** Announces from `eth0` of pod c1; gives the error's name, or null. */
function announce(node: Node, addresses: readonly string[], ifindex = indexOf(node)): string | null {
  return evaluateIn(
    node,
    IMPORTS,
    `const addresses = ${JSON.stringify(addresses)}.map(parseAddress);
     const station = { ifindex: ${ifindex}, mac: "${MAC}" };
     return announce(NetnsHandle.open("/run/netns/c1"), station, addresses)?.errno;`,
  );
}

function indexOf(node: Node): number {
  return linkOf(node, "eth0", "c1").ifindex;
}

/** A pod on a link with the node, which knows both addresses from another station. */
async function nodeWithNeighbour(): Promise<Node> {
  const node = await Node.create();
  node.addPod("c1");
  node.sh(`
    ip link add up0 type veth peer name eth0 address ${MAC} netns c1
    ip link set up0 up; ip -n c1 link set eth0 up
    ip address add 10.1.0.1/16 dev up0; ip address add fd00:1::1/64 dev up0 nodad
    for address in 10.1.0.2 fd00:1::2; do ip neigh add $address lladdr ${FORMER} nud stale dev up0; done`);
  return node;
}

function macAt(node: Node, address: string): string {
  return node.json(`ip -j neigh show ${address} dev up0`)[0].lladdr;
}

test("announce() moves a neighbour's entries of both families to the station when they name another", async () => {
  await using node = await nodeWithNeighbour();
  expect(announce(node, ["10.1.0.2", "fd00:1::2"])).toBeNull();
  for (const address of ["10.1.0.2", "fd00:1::2"]) {
    node.sh(`timeout 20 sh -c 'until ip neigh show ${address} | grep -q ${MAC}; do sleep 0.01; done'`);
    expect(macAt(node, address)).toBe(MAC);
  }
});

test("announce() leaves entries of other addresses alone when it announces one", async () => {
  await using node = await nodeWithNeighbour();
  announce(node, ["fd00:1::2"]);
  node.sh(`timeout 20 sh -c 'until ip neigh show fd00:1::2 | grep -q ${MAC}; do sleep 0.01; done'`);
  expect(macAt(node, "10.1.0.2")).toBe(FORMER);
});

test("announce() gives the failure back when the interface is down", async () => {
  await using node = await nodeWithNeighbour();
  node.sh("ip -n c1 link set eth0 down");
  expect(announce(node, ["10.1.0.2"])).toBe("ENETDOWN");
});

test("announce() does nothing when there are no addresses, whatever the interface", async () => {
  await using node = await nodeWithNeighbour();
  expect(announce(node, [], NOBODY)).toBeNull();
  expect(announce(node, ["10.1.0.2"], NOBODY)).toBe("ENODEV");
});
