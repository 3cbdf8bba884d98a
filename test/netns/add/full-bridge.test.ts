/** A bridge with as many ports as the kernel allows (BR_MAX_PORTS): the next ADD says so and leaves nothing. */

import { expect, test } from "vitest";
import { linkOf, snapshot } from "../../support/kernel/kernel.ts";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
import { Segment, segmentRemains } from "../../support/pod/segment.ts";
import { mapped, WEB } from "../../support/traffic/traffic-networks.ts";

const MOST_PORTS = 1023;
const conf = { ...mapped([WEB]), ipMasq: true, egressRate: 1_000_000, egressBurst: 1_000_000 };
const FULL = `has ${MOST_PORTS} ports, the most that the kernel allows`;

const COUNTED = { notReadyWhenFull: true };

/** Both ends of each pair are ports. */
function addPorts(node: Node, bridge: string, count: number): void {
  const pairs = Array.from({ length: Math.ceil(count / 2) }, (_, index) => index);
  const lines = pairs.flatMap((index) => [
    `link add p${index} master ${bridge} type veth peer name q${index}`,
    ...(2 * index + 1 < count ? [`link set q${index} master ${bridge}`] : []),
  ]);
  const done = node.run(["ip", "-batch", "-"], { input: lines.join("\n") });
  if (done.exitCode !== 0) throw new Error(done.stderr);
}

function portsOf(node: Node): number {
  return node.json("ip -j link show master cni0").length;
}

test("ADD() takes the last port of a bridge, and says with STATUS() that it is full when there is none", async () => {
  await using node = await Node.create();
  attach(node, { containerId: "c2" });
  addPorts(node, "cni0", MOST_PORTS - 2);
  attach(node, { containerId: "c3" });
  expect(portsOf(node)).toBe(MOST_PORTS);
  const netns = ensurePod(node);
  const before = snapshot(node);
  const remains = leftoversOf(node);
  const { exitCode, json } = call(node, "ADD", { netns, conf });
  expect({ exitCode, json }).toMatchObject({ exitCode: 1, json: { code: 11 } });
  expect(json.msg).toBe(`createVeth: bridge "cni0" ${FULL}`);
  expect(json.details).toContain("maxPods");
  expect(snapshot(node)).toEqual(before);
  expect(leftoversOf(node)).toEqual(remains);
  expect(call(node, "STATUS", { conf: COUNTED }).json).toMatchObject({
    code: 50,
    msg: expect.stringContaining(`bridge "cni0" ${FULL}`),
  });
  expect(call(node, "STATUS")).toMatchObject({ exitCode: 0, stdout: "" }); // pods that end will free it
  expect(call(node, "DEL", { containerId: "c3" }).exitCode).toBe(0);
  expect(call(node, "STATUS", { conf: COUNTED })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(call(node, "ADD", { netns, conf }).exitCode).toBe(0);
});

test("ADD() says that the bridge of an uplink is full when that cannot become a port", async () => {
  await using segment = await Segment.create();
  const { node } = segment;
  node.sh("ip link add pw-eth1 type bridge");
  addPorts(node, "pw-eth1", MOST_PORTS);
  node.addPod("c1");
  const before = linkOf(node, "eth1");
  const remains = segmentRemains(segment);
  const { exitCode, json } = segment.call("ADD", { wishes: [{ network: "web" }] });
  expect({ exitCode, json }).toMatchObject({ exitCode: 1, json: { code: 11 } });
  expect(json.msg).toBe(`joinUplink: bridge "pw-eth1" ${FULL}`);
  expect(segmentRemains(segment)).toEqual(remains);
  expect(linkOf(node, "eth1")).toEqual(before);
});
