/** `podwire gc` where a configuration list says `disableGC`: its attachments and addresses stay, and the command says so. */

import { expect, test } from "vitest";
import { NO_TRACES, tracesOf } from "../../support/kernel/traces.ts";
import { podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { CONF_DIR } from "../../support/node/install.ts";
import { Node } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";

const LIST = `${CONF_DIR}/20-mynet.conflist`;
const IPAM = { type: "host-local", subnet: "10.114.0.0/16" };
const OTHER = { name: "othernet", bridge: "cni1", ipam: { type: "host-local", subnet: "10.115.0.0/16" } };

const listOf = (more: object) => ({
  cniVersion: "1.1.0",
  name: "mynet",
  plugins: [{ type: "podwire", isGateway: true, ipam: IPAM }],
  ...more,
});

/** With a dead pod in each of two networks; `list` is the configuration of `mynet`. */
async function nodeOfDead(list: object | string): Promise<Node> {
  const node = await Node.create();
  writeFile(node, LIST, list);
  attach(node, { conf: { ipam: IPAM } });
  attach(node, { conf: OTHER, containerId: "c2" });
  node.sh("ip netns del c1; ip netns del c2");
  return node;
}

const GONE = "its network namespace /run/netns/c1 is gone";

test.for([
  ["true", true],
  ["the text true, which libcni takes too", "True"],
] as const)("gc leaves the network alone and says so when disableGC is %s", async ([, disableGC]) => {
  await using node = await nodeOfDead(listOf({ disableGC }));
  expect(succeed(node, "gc").split("\n")).toEqual([
    "removed othernet/c2/eth0: its network namespace /run/netns/c2 is gone",
    `left alone mynet/c1/eth0: "disableGC" is true in ${LIST}; --force removes it`,
  ]);
  expect(tracesOf(node)).toMatchObject({ records: ["mynet/c1:eth0"], reservations: ["mynet/10.114.0.2"] });
});

test("gc removes the network's attachments when it is told by --force", async () => {
  await using node = await nodeOfDead(listOf({ disableGC: true }));
  const { collected, leftAlone } = succeedJson(node, "gc --force");
  expect([collected, leftAlone]).toEqual([
    expect.arrayContaining([{ what: "mynet/c1/eth0", reason: GONE }]),
    [],
  ]);
  expect(tracesOf(node)).toEqual(NO_TRACES);
});

test("gc tells programs what it leaves alone when it is a dry run", async () => {
  await using node = await nodeOfDead(listOf({ disableGC: true }));
  expect(succeedJson(node, "gc --dry-run")).toMatchObject({
    collected: [{ what: "othernet/c2/eth0" }],
    leftAlone: [{ what: "mynet/c1/eth0", reason: `"disableGC" is true in ${LIST}` }],
  });
});

test("gc leaves an address without a record alone when its network's list says disableGC", async () => {
  await using node = await Node.create();
  writeFile(node, LIST, listOf({ disableGC: true }));
  const path = "/var/lib/cni/networks/mynet/10.114.0.9";
  writeFile(node, path, "c9");
  node.sh(`touch -d '2 minutes ago' ${path}`);
  expect(succeedJson(node, "gc").leftAlone).toMatchObject([{ what: "address 10.114.0.9 of mynet" }]);
  expect(tracesOf(node).reservations).toEqual(["mynet/10.114.0.9"]);
  succeed(node, "gc -f");
  expect(tracesOf(node).reservations).toEqual([]);
});

test("gc removes the network's attachments when disableGC is false", async () => {
  await using node = await nodeOfDead(listOf({ disableGC: false }));
  succeed(node, "gc");
  expect(tracesOf(node)).toEqual(NO_TRACES);
});

test.for([
  ["is no JSON", '{"name": "mynet", "disableGC": true,'],
  ["has a disableGC that is neither true nor false", JSON.stringify(listOf({ disableGC: "yes" }))],
] as const)("gc leaves networks alone that no list names when one %s", async ([, text]) => {
  await using node = await nodeOfDead(text);
  writeFile(node, `${CONF_DIR}/30-othernet.conflist`, listOf({ ...OTHER, name: "othernet" }));
  const { stdout } = podwire(node, "gc");
  expect(stdout.split("\n").slice(0, 2)).toEqual([
    "removed othernet/c2/eth0: its network namespace /run/netns/c2 is gone",
    `left alone mynet/c1/eth0: no list names its network, and ${LIST}, which cannot be read, may say "disableGC"; --force removes it`,
  ]);
  expect(tracesOf(node).records).toEqual(["mynet/c1:eth0"]);
});

test("doctor tells of the attachments and does not remove them when disableGC is true", async () => {
  await using node = await nodeOfDead(listOf({ disableGC: true }));
  const { stdout } = podwire(node, "doctor leaks --fix");
  expect(stdout).toContain("! 1 attachment or address of dead pods that gc leaves alone\n");
  expect(stdout).toContain("→ podwire gc --force\n");
  expect(tracesOf(node).records).toEqual(["mynet/c1:eth0"]);
});
