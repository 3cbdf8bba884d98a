/** Whether ADD and DEL make as many system calls beside much that is there as beside nothing. */

import { expect } from "vitest";
import { Node, PODWIRE } from "../support/node/node.ts";
import { readTrace } from "./trace.ts";

function countCalls(node: Node, conf: object, command: string): number {
  const netns = "/run/netns/pod";
  const call = { command, conf, containerId: "c1", netns, ifname: "eth0", env: { PLUGIN: PODWIRE } };
  const done = node.cni({ ...call, plugin: "/run/traced" });
  expect(done.exitCode).toBe(0);
  return readTrace(node.sh("cat /run/trace")).systemCalls;
}

/** `fill` puts there what must not count. */
export async function expectFlat(conf: object, fill: (node: Node) => void): Promise<void> {
  await using node = await Node.create();
  node.addPod("pod");
  node.sh(
    `printf '#!/bin/sh\\nexec strace -f -qq -o /run/trace "$PLUGIN"\\n' > /run/traced; chmod +x /run/traced`,
  );
  const warmUp = ["ADD", "DEL"].map((command) => countCalls(node, conf, command));
  expect(warmUp.every((calls) => calls > 40)).toBe(true);
  const empty = ["ADD", "DEL"].map((command) => countCalls(node, conf, command));
  fill(node);
  const full = ["ADD", "DEL"].map((command) => countCalls(node, conf, command));
  const tolerance = 8; // the heap may grow by a few calls more
  for (const [index, calls] of full.entries()) expect(calls).toBeLessThan((empty[index] ?? 0) + tolerance);
}
