/** `podwire release`: attachments and addresses taken from whoever has them, the living only by force. */

import { expect, test } from "vitest";
import { NO_TRACES, tracesOf } from "../../support/kernel/traces.ts";
import { createNode, podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { Node, PODWIRE, REFERENCE_DIR } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { mapped, POD_ENDS } from "../../support/traffic/traffic-networks.ts";

const POOL = "/var/lib/cni/networks/mynet";
const ARGS = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0";

test.for(["10.1.0.2", "c1", "shop/cart-0", "mynet/c1/eth0"])(
  "release removes all of an attachment whose pod is gone when called with %s",
  async (name) => {
    await using node = await Node.create();
    attach(node, { args: ARGS, conf: mapped([{ hostPort: 80, containerPort: 80, protocol: "tcp" }]) });
    node.sh("ip netns del c1");
    expect(succeed(node, `release ${name} --yes`)).toBe("released mynet/c1/eth0 (10.1.0.2/16, fd00:1::2/64)");
    expect(tracesOf(node)).toEqual(NO_TRACES);
  },
);

test.for(["10.1.0.2", "c1"])(
  "release refuses to take %s when its pod lives, and does it by force",
  async (name) => {
    await using node = await Node.create();
    attach(node);
    const before = tracesOf(node);
    expect(podwire(node, `release ${name} --yes`)).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        'error: mynet/c1/eth0 is alive: its network namespace "/run/netns/c1" is there\n  delete the pod, or insist with --force\n',
    });
    expect(tracesOf(node)).toEqual(before);
    succeed(node, `release ${name} --yes --force`);
    expect(tracesOf(node)).toEqual(NO_TRACES);
    expect(node.json("ip -j -n c1 link show type veth")).toEqual([]);
  },
);

test("release takes every interface of one ADD when one of them is named", async () => {
  await using node = await createNode();
  for (const number of [1, 2])
    succeed(
      node,
      `network create lan${number} -s 10.9.${number}.0/24 --start 10.9.${number}.10 --end 10.9.${number}.20 --attach macvlan --uplink eth${number}`,
    );
  const annotations = Object.fromEntries(
    [0, 1].map((index) => [`diamanti.com/endpoint${index}`, `{"network":"lan${index + 1}"}`]),
  );
  attach(node, { conf: { runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } } });
  expect(succeedJson(node, "release 10.9.2.10 -y -f").toSorted()).toEqual([
    "mynet/c1/eth0 (10.9.1.10/24)",
    "mynet/c1/eth1 (10.9.2.10/24)",
  ]);
  expect(tracesOf(node)).toEqual(NO_TRACES);
});

test("release frees a reservation that nobody has when called with its address", async () => {
  await using node = await Node.create();
  writeFile(node, `${POOL}/10.1.77.9`, "c9\r\neth0");
  node.sh(`touch -d '2 minutes ago' ${POOL}/10.1.77.9`);
  expect(succeed(node, "release 10.1.77.9 --yes")).toBe('released 10.1.77.9 of network "mynet"');
  expect(tracesOf(node).reservations).toEqual([]);
});

test.for([
  [
    "an interface of the reference plugin's pod has it",
    (node: Node) => {
      node.addPod("c1");
      call(node, "ADD", { plugin: `${REFERENCE_DIR}/bridge`, conf: { cniVersion: "1.0.0", type: "bridge" } });
    },
    { address: "10.1.0.2", why: "is on an interface of a pod" },
  ],
  [
    "it was reserved just now",
    (node: Node) => writeFile(node, `${POOL}/10.1.77.9`, "c9\r\neth0"),
    // An address that no pod of another test has: all namespaces of the machine are looked into.
    { address: "10.1.77.9", why: "was reserved just now, for an ADD that may still run" },
  ],
] as const)(
  "release refuses an address when %s, and frees it by force",
  async ([, prepare, { address, why }]) => {
    await using node = await Node.create();
    prepare(node);
    const { exitCode, stderr } = podwire(node, `release ${address} --yes`);
    expect([exitCode, stderr]).toEqual([
      1,
      `error: ${address} of network "mynet" ${why}\n  delete the pod, or insist with --force\n`,
    ]);
    expect(tracesOf(node).reservations).toEqual([`mynet/${address}`]);
    succeed(node, `release ${address} --yes --force`);
    expect(tracesOf(node).reservations).toEqual([]);
  },
);

test("release wants to know the network when two have the address", async () => {
  await using node = await Node.create();
  for (const network of ["mynet", "other"]) {
    writeFile(node, `/var/lib/cni/networks/${network}/10.1.77.9`, "c9");
    node.sh(`touch -d '2 minutes ago' /var/lib/cni/networks/${network}/10.1.77.9`);
  }
  expect(podwire(node, "release 10.1.77.9 --yes").stderr).toMatch(
    /^error: 10\.1\.77\.9 is held in several networks: (mynet, other|other, mynet)\n {2}give --network\n$/,
  );
  succeed(node, "release 10.1.77.9 --yes --network other");
  expect(tracesOf(node).reservations).toEqual(["mynet/10.1.77.9"]);
});

test.for([
  [
    "nobody holds it",
    "10.1.0.77",
    "error: 10.1.0.77 is free: nobody holds it\n  podwire addresses --holders lists who has what\n",
  ],
  [
    "an endpoint keeps it",
    "10.9.0.15",
    "error: 10.9.0.15 is free: nobody holds it\n  an endpoint keeps it: podwire endpoint delete ep1 --ns default\n",
  ],
  [
    "it is no name of anything",
    "nix",
    'error: no attachment is called "nix"\n  podwire attachments lists what there is\n',
  ],
] as const)("release refuses when %s", async ([, name, message]) => {
  await using node = await createNode();
  succeed(
    node,
    "network create web -s 10.9.0.0/24 --start 10.9.0.10 --end 10.9.0.19 --attach macvlan --uplink eth1",
  );
  succeed(node, "endpoint create ep1 -n web -i 10.9.0.15");
  expect(podwire(node, `release ${name} --yes`)).toEqual({ exitCode: 1, stdout: "", stderr: message });
});

test("release asks on a terminal and does nothing when the answer is no", async () => {
  await using node = await Node.create();
  attach(node);
  node.sh(POD_ENDS);
  const before = tracesOf(node);
  const declined = node.run(["script", "-qec", `${PODWIRE} release c1`, "/dev/null"], { input: "n\n" });
  expect(declined.stdout).toContain("Remove mynet/c1/eth0 (10.1.0.2/16)?");
  expect([declined.exitCode, tracesOf(node)]).toEqual([1, before]);
});

test("release exits with 2 when there is no terminal to ask on", async () => {
  await using node = await Node.create();
  attach(node);
  node.sh("ip netns del c1");
  expect(podwire(node, "release c1").exitCode).toBe(2);
  expect(tracesOf(node).records).toEqual(["mynet/c1:eth0"]);
});
