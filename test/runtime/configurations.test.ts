/** Configurations as users have them, loaded from files by cnitool: the shipped ones, and 0.2.0's net-script. */

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { RuntimeNode } from "../support/runtime/cnitool.ts";

const CONF = resolve("conf");
const EXAMPLES = resolve("conf/examples");

const NET_SCRIPT = {
  cniVersion: "0.2.0",
  name: "mynet",
  type: "net-script",
  bridge: "cni0",
  isGateway: true,
  ipMasq: false,
  ipam: { type: "host-local", subnet: "10.244.0.0/16", routes: [{ dst: "0.0.0.0/0" }] },
};

/** The shipped files with the name of the network in each. */
function shipped(directory: string) {
  const files = readdirSync(directory).filter((file) => /\.conf(list)?$/.test(file));
  return files.map((file) => {
    const { name } = JSON.parse(readFileSync(`${directory}/${file}`, "utf8"));
    return { file, directory, network: String(name) };
  });
}

test.for([...shipped(CONF), ...shipped(EXAMPLES)])(
  "ADD() and DEL() follow $file and leave no address",
  async ({ directory, network }) => {
    await using runtime = await RuntimeNode.create("net-script");
    const netns = runtime.node.addPod("pod");
    expect(runtime.call("add", { netns, network, directory })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(runtime.hostEnds()).toHaveLength(1);
    expect(runtime.call("del", { netns, network, directory })).toMatchObject({ exitCode: 0, stderr: "" });
    const left = { links: runtime.hostEnds(), addresses: runtime.reservations(network) };
    expect(left).toEqual({ links: [], addresses: [] });
  },
);

test("ADD() by the shipped list lets two pods reach each other over both families", async () => {
  await using runtime = await RuntimeNode.create();
  const [shippedList] = shipped(CONF);
  if (shippedList === undefined) throw new Error(`no list in ${CONF}`);
  const { network, directory } = shippedList;
  for (const pod of ["pod1", "pod2"])
    runtime.call("add", { netns: runtime.node.addPod(pod), network, directory });
  const addresses = runtime.addressesOf("pod2").map((prefix) => prefix.replace(/\/.*/, ""));
  expect(addresses).toHaveLength(2);
  for (const address of addresses) {
    expect(runtime.node.sh(`ip netns exec pod1 ping -c 1 -W 2 ${address}`)).toContain("1 received");
  }
  expect(runtime.call("check", { netns: "/run/netns/pod1", network, directory }).exitCode).toBe(0);
});

test("ADD() serves a configuration of 0.2.0 under the name net-script", async () => {
  await using runtime = await RuntimeNode.create("net-script");
  runtime.configure(NET_SCRIPT, "10-mynet.conf");
  const added = runtime.call("add", { netns: runtime.node.addPod("pod") });
  expect(added.json).toEqual({
    cniVersion: "0.2.0",
    ip4: { ip: "10.244.0.2/16", gateway: "10.244.0.1", routes: [{ dst: "0.0.0.0/0" }] },
    dns: {},
  });
  const [route] = runtime.node.json("ip -j -n pod route show default");
  expect(route).toMatchObject({ dst: "default", gateway: "10.244.0.1", dev: "eth0" });
});

test("DEL() takes back what ADD made under the name net-script", async () => {
  await using runtime = await RuntimeNode.create("net-script");
  runtime.configure(NET_SCRIPT, "10-mynet.conf");
  const netns = runtime.node.addPod("pod");
  runtime.call("add", { netns });
  expect(runtime.call("del", { netns })).toMatchObject({ exitCode: 0, stderr: "" });
  expect({ links: runtime.hostEnds(), addresses: runtime.reservations() }).toEqual({
    links: [],
    addresses: [],
  });
});

test("ADD() masquerades under the name net-script when ipMasq is true", async () => {
  await using runtime = await RuntimeNode.create("net-script");
  runtime.configure({ ...NET_SCRIPT, ipMasq: true }, "10-mynet.conf");
  const netns = runtime.node.addPod("pod");
  runtime.call("add", { netns });
  const { nftables } = runtime.node.json("nft -j list map inet podwire masquerade_ip");
  expect(nftables[1].map.elem).toHaveLength(1);
});
