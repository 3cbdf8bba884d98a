/** A range with 65 000 reserved addresses costs a plugin call no more system calls than an empty one. */

import { expect, test } from "vitest";
import { Node, PODWIRE } from "../support/node.ts";
import { readTrace } from "./trace.ts";

const conf = {
  cniVersion: "1.0.0",
  name: "large",
  type: "podwire",
  ipam: { type: "host-local", subnet: "10.0.0.0/16" },
};
const FOLDER = "/var/lib/cni/networks/large";
const RESERVED = 65_000;

/** Reserves addresses as 65 000 ADDs would have, by files alone. */
function fill(node: Node): void {
  const script = `
    for i in {2..${RESERVED + 1}}; do
      a=10.0.$((i / 256)).$((i % 256)); printf 'old%d\\r\\neth0' $i > ${FOLDER}/$a
    done
    printf %s $a > ${FOLDER}/last_reserved_ip.0`;
  const { exitCode, stderr } = node.run(["bash", "-ec", script]);
  if (exitCode !== 0) throw new Error(stderr);
}

function countCalls(node: Node, command: string): number {
  const netns = "/run/netns/pod";
  const call = { command, conf, containerId: "c1", netns, ifname: "eth0", env: { PLUGIN: PODWIRE } };
  const done = node.cni({ ...call, plugin: "/run/traced" });
  expect(done.exitCode).toBe(0);
  return readTrace(node.sh("cat /run/trace")).systemCalls;
}

test("ADD() and DEL() make as many system calls when 65 000 addresses are reserved as when none is", async () => {
  await using node = await Node.create();
  node.addPod("pod");
  node.sh(
    `printf '#!/bin/sh\\nexec strace -f -qq -o /run/trace "$PLUGIN"\\n' > /run/traced; chmod +x /run/traced`,
  );
  const warmUp = ["ADD", "DEL"].map((command) => countCalls(node, command));
  expect(warmUp.every((calls) => calls > 100)).toBe(true);
  const empty = ["ADD", "DEL"].map((command) => countCalls(node, command));
  fill(node);
  const full = ["ADD", "DEL"].map((command) => countCalls(node, command));
  const tolerance = 20; // heap growth of the runtime varies by a few calls
  for (const [index, calls] of full.entries()) expect(calls).toBeLessThan((empty[index] ?? 0) + tolerance);
});
