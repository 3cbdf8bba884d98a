/** macvlan interfaces as the kernel then has them. */

import { expect, test } from "vitest";
import { errorIn, evaluateIn, ROUTE, SOCKET } from "../../support/in-node.ts";
import { linkOf } from "../../support/kernel.ts";
import { Node } from "../../support/node.ts";

const IMPORTS = {
  ...ROUTE,
  "src/link/macvlan.ts": ["createMacvlanRequest"],
  "src/linux/netns.ts": ["NetnsHandle"],
};

/** The program that makes `eth0` of `up0` in a pod. */
const create = (pod: string, mac: string, mtu = 1400) => `
  ${SOCKET}
  const netns = NetnsHandle.open("/run/netns/${pod}");
  const parent = getLink(socket, "up0").ifindex;
  const options = { ifname: "eth0", mac: "${mac}", mtu: ${mtu}, parent, netnsFd: netns.fd };
  socket.request(createMacvlanRequest(options));`;

async function nodeWithUplink(): Promise<Node> {
  const node = await Node.create();
  node.sh("ip link add up0 type veth peer name far0; ip link set up0 up; ip link set far0 up");
  node.addPod("c1");
  node.addPod("c2");
  return node;
}

test("createMacvlanRequest() makes the interface in the pod, down, when nothing is in its way", async () => {
  await using node = await nodeWithUplink();
  evaluateIn(node, IMPORTS, create("c1", "02:00:00:00:00:01"));
  const { ifindex } = linkOf(node, "up0");
  expect(linkOf(node, "eth0", "c1")).toMatchObject({
    address: "02:00:00:00:00:01",
    mtu: 1400,
    link_index: ifindex,
    operstate: "DOWN",
    linkinfo: { info_kind: "macvlan", info_data: { mode: "bridge" } },
  });
});

test("createMacvlanRequest() makes pods that reach each other when they have one parent", async () => {
  await using node = await nodeWithUplink();
  for (const number of [1, 2]) {
    evaluateIn(node, IMPORTS, create(`c${number}`, `02:00:00:00:00:0${number}`));
    node.sh(`ip -n c${number} address add 10.9.0.${number}/24 dev eth0; ip -n c${number} link set eth0 up`);
  }
  expect(node.run(["ip", "netns", "exec", "c1", "ping", "-c1", "-W5", "10.9.0.2"]).exitCode).toBe(0);
});

test("createMacvlanRequest() is refused with EEXIST when the pod has an interface of that name", async () => {
  await using node = await nodeWithUplink();
  node.sh("ip -n c1 link add eth0 type bridge");
  expect(errorIn(node, IMPORTS, create("c1", "02:00:00:00:00:01"))).toBe("EEXIST");
  expect(linkOf(node, "eth0", "c1").linkinfo.info_kind).toBe("bridge");
});

test("createMacvlanRequest() is refused with EINVAL when the parent's MTU is smaller", async () => {
  await using node = await nodeWithUplink();
  expect(errorIn(node, IMPORTS, create("c1", "02:00:00:00:00:01", 1501))).toBe("EINVAL");
});
