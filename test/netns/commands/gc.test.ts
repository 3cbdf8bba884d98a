/** `podwire gc`: pods that are gone leave nothing, pods that live lose nothing. */

import { expect, test } from "vitest";
import { NO_TRACES, tracesOf } from "../../support/kernel/traces.ts";
import { createNode, podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { Node, PODWIRE, REFERENCE_DIR } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { addNamedPod } from "../../support/pod/named-pods.ts";
import { mapped, POD_ENDS, WEB } from "../../support/traffic/traffic-networks.ts";

const POOL = "/var/lib/cni/networks/mynet";
/** Not those of other tests, whose pods live beside these: gc looks into every network namespace of the machine. */
const IPAM = {
  type: "host-local",
  ranges: [[{ subnet: "10.113.0.0/16" }], [{ subnet: "fd00:113::/64" }]],
};
const CONF = { ...mapped([WEB]), ipMasq: true, egressRate: 1_000_000, ipam: IPAM };

/** c1 and c2 with everything that a pod can have. */
async function nodeOfTwo(): Promise<Node> {
  const node = await Node.create();
  attach(node, { conf: CONF });
  attach(node, { conf: { ...CONF, ...mapped([{ ...WEB, hostPort: 81 }]), ipam: IPAM }, containerId: "c2" });
  return node;
}

test("gc removes all of a pod and nothing of another when its network namespace is gone", async () => {
  await using node = await nodeOfTwo();
  node.sh(POD_ENDS);
  expect(succeed(node, "gc")).toBe("removed mynet/c1/eth0: its network namespace /run/netns/c1 is gone");
  expect(tracesOf(node)).toEqual({
    records: ["mynet/c2:eth0"],
    reservations: ["mynet/10.113.0.3", "mynet/fd00:113::3"],
    owners: ["mynet/c2/eth0"],
    links: ["podwire mynet/c2/eth0", "podwire mynet/c2/eth0"],
  });
  expect(succeed(node, "gc")).toBe("nothing is left of pods that are gone");
});

test("gc changes nothing and says what it would when it is a dry run", async () => {
  await using node = await nodeOfTwo();
  node.sh(`${POD_ENDS}; echo c9 > ${POOL}/10.113.0.9; touch -d '2 minutes ago' ${POOL}/10.113.0.9`);
  const before = tracesOf(node);
  expect(succeedJson(node, "gc --dry-run")).toEqual({
    collected: [
      { what: "mynet/c1/eth0", reason: "its network namespace /run/netns/c1 is gone" },
      { what: "address 10.113.0.9 of mynet", reason: "nobody has it" },
    ],
    kept: [],
    leftAlone: [],
  });
  expect(succeed(node, "gc --dry-run")).toMatch(/^would remove mynet\/c1\/eth0: /);
  expect(tracesOf(node)).toEqual(before);
});

test("gc removes nothing when every pod lives", async () => {
  await using node = await nodeOfTwo();
  const before = tracesOf(node);
  expect(succeed(node, "gc")).toBe("nothing is left of pods that are gone");
  expect(tracesOf(node)).toEqual(before);
});

test("gc removes a pod when a plain file is left of its network namespace", async () => {
  await using node = await nodeOfTwo();
  node.sh("umount /run/netns/c1");
  succeed(node, "gc");
  expect(tracesOf(node).records).toEqual(["mynet/c2:eth0"]);
});

test("gc removes what bears the mark of a pod that is gone when its record is gone too", async () => {
  await using node = await Node.create();
  attach(node, { conf: CONF });
  node.sh(`${POD_ENDS}; rm /run/podwire/mynet/*; touch -d '2 minutes ago' ${POOL}/*`);
  const { collected } = succeedJson(node, "gc");
  expect(collected).toEqual([
    { what: "mynet/c1/eth0", reason: "it has no record, and no pod" },
    { what: "address 10.113.0.2 of mynet", reason: "nobody has it" },
    { what: "address fd00:113::2 of mynet", reason: "nobody has it" },
  ]);
  expect(tracesOf(node)).toEqual(NO_TRACES);
});

test("gc keeps a living pod and says so when only its record is gone", async () => {
  await using node = await nodeOfTwo();
  node.sh("rm /run/podwire/mynet/c1:eth0.json");
  const before = tracesOf(node);
  expect(succeed(node, "gc")).toBe(
    "kept mynet/c1/eth0: it has no record, but its pod is there; delete the pod",
  );
  expect(tracesOf(node)).toEqual(before);
});

test("gc keeps the addresses of the reference plugin's pods and frees them when the pods are gone", async () => {
  await using node = await Node.create();
  node.addPod("c1");
  call(node, "ADD", {
    plugin: `${REFERENCE_DIR}/bridge`,
    conf: { cniVersion: "1.0.0", type: "bridge", ipam: { ...IPAM, ranges: IPAM.ranges.slice(0, 1) } },
  });
  node.sh(`touch -d '2 minutes ago' ${POOL}/10.113.0.2`);
  succeed(node, "gc");
  expect(tracesOf(node).reservations).toEqual(["mynet/10.113.0.2"]);
  node.sh("ip netns del c1");
  succeed(node, "gc");
  expect(tracesOf(node).reservations).toEqual([]);
});

test.for([
  ["keeps", "a moment ago", "now", "c9", ["mynet/10.113.0.9"]],
  ["frees", "long ago", "2 minutes ago", "c9", []],
  ["takes away", "long ago for nobody", "2 minutes ago", "", []],
] as const)("gc %s an address when it was reserved %s", async ([, , date, owner, left]) => {
  await using node = await Node.create();
  writeFile(node, `${POOL}/10.113.0.9`, owner);
  node.sh(`touch -d '${date}' ${POOL}/10.113.0.9`);
  succeed(node, "gc");
  expect(tracesOf(node).reservations).toEqual(left);
});

test("gc keeps an address without a record when it does not see all processes, as in a container", async () => {
  await using node = await Node.create();
  writeFile(node, `${POOL}/10.113.0.9`, "c9");
  node.sh(`touch -d '2 minutes ago' ${POOL}/10.113.0.9; unshare --pid --fork --mount-proc ${PODWIRE} gc`);
  expect(tracesOf(node).reservations).toEqual(["mynet/10.113.0.9"]);
});

test("gc removes every interface of one ADD and frees addresses by name when the pod is gone", async () => {
  await using node = await createNode();
  for (const number of [1, 2])
    succeed(
      node,
      `network create lan${number} -s 10.9.${number}.0/24 --start 10.9.${number}.10 --end 10.9.${number}.20 --attach bridge --uplink eth${number}`,
    );
  const annotations = Object.fromEntries(
    [0, 1].map((index) => [`diamanti.com/endpoint${index}`, `{"network":"lan${index + 1}"}`]),
  );
  attach(node, { conf: { runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } } });
  node.sh("ip netns del c1");
  expect(succeedJson(node, "gc").collected).toMatchObject([{ what: "mynet/c1/eth0" }]);
  expect(tracesOf(node)).toEqual(NO_TRACES);
});

const LAN1 = "/etc/cni/net.d/podwire.d/networks/lan1.json";

/** With what a pod on a network by name has left, which is gone. */
async function nodeOfNamed(): Promise<Node> {
  const node = await createNode();
  succeed(
    node,
    "network create lan1 -s 10.9.1.0/24 --start 10.9.1.10 --end 10.9.1.20 --attach bridge --uplink eth1",
  );
  addNamedPod(node, "c1", { network: "lan1" });
  node.sh("ip netns del c1");
  return node;
}

test("gc leaves the bridge of an uplink alone when a network's file is wrong, which may name it", async () => {
  await using node = await nodeOfNamed();
  writeFile(node, LAN1, "{");
  expect(succeedJson(node, "gc").collected).toMatchObject([{ what: "pods/c1/eth0" }]);
  expect(node.json("ip -j link show pw-eth1")).toHaveLength(1);
});

test("gc takes the bridge of an uplink along when no network names it any more", async () => {
  await using node = await nodeOfNamed();
  node.sh(`rm ${LAN1}`);
  expect(succeedJson(node, "gc").collected).toMatchObject([
    { what: "pods/c1/eth0" },
    { what: "pw-eth1", reason: "no network and no pod uses it" },
  ]);
  expect(node.json("ip -j link show type bridge")).toEqual([]);
});

test("gc exits with 1 and goes on when one of the attachments cannot be removed", async () => {
  await using node = await nodeOfTwo();
  node.sh(`ip netns del c1; ip netns del c2
    mv ${POOL}/lock /run/lock; mkdir -p ${POOL}/lock`);
  const { exitCode, stdout } = podwire(node, "gc");
  expect([exitCode, stdout.split("\n").filter((line) => line.startsWith("failed mynet/c")).length]).toEqual([
    1, 2,
  ]);
  node.sh(`rmdir ${POOL}/lock; mv /run/lock ${POOL}/lock`);
  succeed(node, "gc");
  expect(tracesOf(node)).toEqual(NO_TRACES);
});
