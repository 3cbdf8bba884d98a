/** Guards and shaping where many pods come and go at once: each rule once, each device once, nothing left. */

import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import {
  acceptingRulesOf,
  DOCKERS_RULES,
  dropForwarded,
  filterRulesOf,
  ONCE,
} from "../../support/kernel/forward-chains.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { ifbsOf } from "../../support/kernel/queues.ts";
import { elementsOf } from "../../support/kernel/traffic-rules.ts";
import { Node, PODWIRE } from "../../support/node/node.ts";
import { ensurePod, NETCONF } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const conf = {
  ...NETCONF,
  ...MYNET,
  macspoofchk: true,
  ingressPolicy: "isolated",
  forward: true,
  runtimeConfig: { bandwidth: { ingressRate: 20_000_000, egressRate: 10_000_000 } },
};
const ids = Array.from({ length: 20 }, (_, index) => `c${index + 1}`);

/** A node on which forwarding is closed, with these pods. */
async function closedNode(): Promise<Node> {
  const node = await Node.create();
  dropForwarded(node);
  for (const id of ids) ensurePod(node, id);
  return node;
}

/** One call as a process of its own; gives what it printed where it failed. */
function start(node: Node, command: string, containerId: string): Promise<string[]> {
  const variables = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: `/run/netns/${containerId}`,
    CNI_IFNAME: "eth0",
  };
  const [file = "", ...args] = node.command([PODWIRE]);
  const child = spawn(file, args, { env: { PATH: process.env.PATH ?? "", ...variables } });
  child.stdin.end(JSON.stringify(command === "ADD" ? conf : { ...NETCONF, ...MYNET }));
  const output: string[] = [];
  child.stdout.on("data", (chunk) => output.push(String(chunk)));
  return new Promise((resolve) => {
    child.on("close", (exitCode) => resolve(exitCode === 0 ? [] : [containerId, ...output]));
  });
}

const all = async (node: Node, command: string, containerIds = ids) =>
  (await Promise.all(containerIds.map((id) => start(node, command, id)))).flat();

test("ADD() makes each rule and each device once when twenty run at once", async () => {
  await using node = await closedNode();
  expect(await all(node, "ADD")).toEqual([]);
  expect(acceptingRulesOf(node)).toEqual(ONCE());
  expect(ifbsOf(node)).toHaveLength(ids.length);
  expect(elementsOf(node).filter(({ set }) => set === "senders")).toHaveLength(ids.length);
});

test("DEL() leaves nothing of guards and shaping when twenty run at once", async () => {
  await using node = await closedNode();
  await all(node, "ADD");
  expect(await all(node, "DEL")).toEqual([]);
  expect([...remains(node), ...ifbsOf(node), ...elementsOf(node)]).toEqual([]);
  expect(filterRulesOf(node)).toEqual({ ip: DOCKERS_RULES, ip6: DOCKERS_RULES });
});

test("DEL() leaves the rules to those who come when others go at the same time", async () => {
  await using node = await closedNode();
  const [old, young] = [ids.slice(0, 10), ids.slice(10)];
  await all(node, "ADD", old);
  const failed = await Promise.all([all(node, "DEL", old), all(node, "ADD", young)]);
  expect(failed.flat()).toEqual([]);
  expect(acceptingRulesOf(node)).toEqual(ONCE());
});
