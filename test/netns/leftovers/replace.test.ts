/** An ADD of an attachment that a dead pod has: nobody made its DEL, and the container starts anew. */

import { expect, test } from "vitest";
import { createNode, succeed } from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";

const PORT = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }] };
const RESERVATIONS = "/var/lib/cni/networks/mynet";

function addressOf(result: { ips?: { address: string }[] } | undefined): string | undefined {
  return result?.ips?.[0]?.address;
}

/** Addresses, veth pairs and elements on the node, which are one pod's each. */
function inUse(node: Node) {
  return {
    addresses: node.sh(`ls ${RESERVATIONS} | grep '^10\\.' || true`).trim(),
    pairs: node.json("ip -j link show type veth").filter(({ ifalias = "" }) => ifalias !== "").length,
    records: node.sh("ls /run/podwire/mynet").trim(),
  };
}

test.for([
  ["at another path", "c1again"],
  ["at the same path, at once", "c1"],
])("ADD replaces a dead pod's attachment when the new one is %s", async ([, again = ""]) => {
  for (const conf of [{}, { mode: "ptp", isGateway: undefined }, { runtimeConfig: PORT }]) {
    await using node = await createNode();
    const first = attach(node, { conf });
    attach(node, { containerId: "c2", conf: { ...conf, runtimeConfig: {} } });
    node.sh(`ip netns del c1; ip netns add ${again}`);
    const second = call(node, "ADD", { conf, netns: `/run/netns/${again}` });
    expect(second).toMatchObject({ exitCode: 0 });
    expect(addressOf(second.json)).toBe(addressOf(first));
    expect(inUse(node)).toEqual({
      addresses: "10.1.0.2\n10.1.0.3",
      pairs: 2,
      records: "c1:eth0.json\nc2:eth0.json",
    });
    expect(node.sh(`ip netns exec ${again} ping -c1 -W2 10.1.0.3`)).toContain(" 0% packet loss");
    expect(call(node, "DEL", { conf, netns: `/run/netns/${again}` })).toMatchObject({ exitCode: 0 });
    expect(inUse(node)).toMatchObject({ addresses: "10.1.0.3", pairs: 1 });
  }
});

test("ADD replaces a dead pod's attachment when its path was that of a process whose number is another's", async () => {
  await using node = await createNode();
  node.addPod("c1");
  node.sh("touch /run/number; mount --bind /run/netns/c1 /run/number");
  attach(node, { netns: "/run/number" });
  node.addPod("other");
  node.sh("umount /run/number; ip netns del c1; mount --bind /run/netns/other /run/number");
  expect(call(node, "ADD", { netns: "/run/number" })).toMatchObject({ exitCode: 0 });
  expect(inUse(node)).toMatchObject({ addresses: "10.1.0.2", pairs: 1 });
});

test("ADD gives another address when the dead pod's has been given away", async () => {
  await using node = await createNode();
  attach(node);
  node.sh("ip netns del c1; while ip link | grep -q 'podwire mynet/c1/'; do sleep 0.01; done");
  succeed(node, "release c1 --yes");
  attach(node, { containerId: "c2", conf: { runtimeConfig: { ips: ["10.1.0.2"] } } });
  expect(addressOf(attach(node))).toBe("10.1.0.3/16");
});

test("ADD says 100 and changes nothing while the old namespace lives", async () => {
  await using node = await createNode();
  attach(node);
  node.addPod("again");
  const before = inUse(node);
  expect(call(node, "ADD", { netns: "/run/netns/again" }).json).toMatchObject({ code: 100 });
  expect(call(node, "ADD").json).toMatchObject({ code: 100 });
  node.addPod("c2");
  expect(inUse(node)).toEqual(before);
  expect(node.sh("ip netns exec c1 ping -c1 -W2 10.1.0.1")).toContain(" 0% packet loss");
});

test("ADD says 100 when the path leads elsewhere and a process keeps the old namespace", async () => {
  await using node = await createNode();
  attach(node);
  node.sh(
    "ip netns exec c1 sleep 60 >/dev/null 2>&1 & sleep 0.2; umount /run/netns/c1; rm /run/netns/c1; ip netns add c1",
  );
  expect(call(node, "ADD").json).toMatchObject({ code: 100 });
  expect(inUse(node)).toMatchObject({ addresses: "10.1.0.2", pairs: 1 });
});

/** A pod with an interface on each of the two networks. */
function addWithTwo(node: Node) {
  const annotations = {
    "diamanti.com/endpoint0": '{"network":"web"}',
    "diamanti.com/endpoint1": '{"network":"db"}',
  };
  return attach(node, { conf: { runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } } });
}

test("ADD replaces all interfaces, with their addresses, when the dead pod had two", async () => {
  await using node = await createNode();
  for (const [name, uplink] of [
    ["web", 1],
    ["db", 2],
  ])
    succeed(
      node,
      `network create ${name} -s 10.9.${uplink}.0/24 --start 10.9.${uplink}.10 --end 10.9.${uplink}.20 --attach bridge --uplink eth${uplink}`,
    );
  const first = addWithTwo(node);
  node.sh("ip netns del c1");
  expect(addWithTwo(node).ips).toEqual(first.ips);
  expect(node.sh("ls /run/podwire/mynet").trim()).toBe("c1:eth0.json\nc1:eth1.json");
  expect(node.sh("ls /var/lib/cni/podwire/* | grep '^10[.]'").trim()).toBe("10.9.2.10\n10.9.1.10");
});

test.for([
  [
    "is gone",
    "ip netns del c1; while ip link | grep -q 'podwire mynet/c1/'; do sleep 0.01; done; ip netns add c1",
  ],
  ["is going", "ip netns del c1; ip netns add c1"],
])("ADD leaks no address when the records were lost and the pod %s", async ([, script = ""]) => {
  await using node = await createNode();
  attach(node);
  node.sh(`rm -r /run/podwire; ${script}`);
  const again = addressOf(attach(node));
  expect(`${inUse(node).addresses}/16`).toBe(again);
  expect(call(node, "DEL")).toMatchObject({ exitCode: 0 });
  expect(inUse(node).addresses).toBe("");
});

test("DEL frees an address that another tool has reserved anew for the container alone", async () => {
  await using node = await createNode();
  attach(node);
  node.sh(`printf c1 > ${RESERVATIONS}/10.1.0.2`);
  expect(call(node, "DEL")).toMatchObject({ exitCode: 0 });
  expect(inUse(node).addresses).toBe("");
});
