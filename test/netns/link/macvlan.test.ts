/** macvlan interfaces as the kernel then has them. */

import { expect, test } from "vitest";
import { linkOf, links } from "../../support/kernel/kernel.ts";
import { errorIn, evaluateIn, ROUTE } from "../../support/node/in-node.ts";
import { Node } from "../../support/node/node.ts";

const IMPORTS = {
  ...ROUTE,
  "src/link/macvlan.ts": ["createMacvlan", "removeMacvlan"],
  "src/linux/netns.ts": ["NetnsHandle"],
};
const ALIAS = "podwire mynet/c1/eth0";
const MAC = "02:00:00:00:00:01";

/** What each program begins with: sockets, and options for `eth0` of `up0` in a pod. */
const setup = (pod: string, mac: string, mtu = 1400) => `
  const netns = NetnsHandle.open("/run/netns/${pod}");
  const host = NetlinkSocket.open(rtnetlink);
  const container = NetlinkSocket.open(rtnetlink, { netns });
  const parent = getLink(host, "up0").ifindex;
  const options = { ifname: "eth0", mac: "${mac}", ifalias: "${ALIAS}", mtu: ${mtu}, parent, netnsFd: netns.fd };`;
const create = (pod: string, mac = MAC, mtu = 1400) =>
  `${setup(pod, mac, mtu)} return createMacvlan({ host, container }, options);`;
const remove = `${setup("c1", MAC)} return removeMacvlan(container, options);`;

async function nodeWithUplink(): Promise<Node> {
  const node = await Node.create();
  node.sh("ip link add up0 type veth peer name far0; ip link set up0 up; ip link set far0 up");
  node.addPod("c1");
  node.addPod("c2");
  return node;
}

function namesIn(node: Node, pod: string): string[] {
  return links(node, pod).map(({ ifname }) => ifname);
}

test("createMacvlan() makes the interface in the pod, down and marked, when nothing is in its way", async () => {
  await using node = await nodeWithUplink();
  const made = evaluateIn(node, IMPORTS, create("c1"));
  const found = linkOf(node, "eth0", "c1");
  expect(found).toMatchObject({
    address: MAC,
    mtu: 1400,
    ifalias: ALIAS,
    link_index: linkOf(node, "up0").ifindex,
    operstate: "DOWN",
    linkinfo: { info_kind: "macvlan", info_data: { mode: "bridge" } },
  });
  expect(made).toMatchObject({ ifindex: found.ifindex, ifname: "eth0", mac: MAC, ifalias: ALIAS });
});

test("createMacvlan() makes the interface when the node has one of its name", async () => {
  await using node = await nodeWithUplink();
  node.sh("ip link add eth0 type bridge");
  evaluateIn(node, IMPORTS, create("c1"));
  expect(linkOf(node, "eth0", "c1").linkinfo.info_kind).toBe("macvlan");
  expect(linkOf(node, "eth0").linkinfo.info_kind).toBe("bridge");
});

test("createMacvlan() makes pods that reach each other when they have one parent", async () => {
  await using node = await nodeWithUplink();
  for (const number of [1, 2]) {
    evaluateIn(node, IMPORTS, create(`c${number}`, `02:00:00:00:00:0${number}`));
    node.sh(`ip -n c${number} address add 10.9.0.${number}/24 dev eth0; ip -n c${number} link set eth0 up`);
  }
  expect(node.run(["ip", "netns", "exec", "c1", "ping", "-c1", "-W5", "10.9.0.2"]).exitCode).toBe(0);
});

test("createMacvlan() throws EEXIST and leaves nothing when the pod has an interface of its name", async () => {
  await using node = await nodeWithUplink();
  node.sh("ip -n c1 link add eth0 type bridge");
  expect(errorIn(node, IMPORTS, create("c1"))).toBe("EEXIST");
  expect(namesIn(node, "c1")).toEqual(["lo", "eth0"]);
});

test("createMacvlan() throws EINVAL and makes nothing when the parent's MTU is smaller", async () => {
  await using node = await nodeWithUplink();
  expect(errorIn(node, IMPORTS, create("c1", MAC, 1501))).toBe("EINVAL");
  expect(namesIn(node, "c1")).toEqual(["lo"]);
});

test("removeMacvlan() removes the interface when it bears the mark, and none the second time", async () => {
  await using node = await nodeWithUplink();
  evaluateIn(node, IMPORTS, create("c1"));
  expect(evaluateIn(node, IMPORTS, remove)).toBe(true);
  expect(namesIn(node, "c1")).toEqual(["lo"]);
  expect(evaluateIn(node, IMPORTS, remove)).toBe(false);
});

test("removeMacvlan() removes the interface when its creation was cut off before it had a name", async () => {
  await using node = await nodeWithUplink();
  evaluateIn(node, IMPORTS, create("c1"));
  node.sh("ip -n c1 link set eth0 name mv020000000001 alias ''");
  expect(evaluateIn(node, IMPORTS, remove)).toBe(true);
  expect(namesIn(node, "c1")).toEqual(["lo"]);
});

test("removeMacvlan() leaves interfaces of its names that somebody else made", async () => {
  await using node = await nodeWithUplink();
  node.sh("ip link add link up0 name eth0 netns c1 type macvlan mode bridge");
  node.sh("ip -n c1 link add mv020000000001 type bridge");
  expect(evaluateIn(node, IMPORTS, remove)).toBe(false);
  expect(namesIn(node, "c1").toSorted()).toEqual(["eth0", "lo", "mv020000000001"]);
});
