/** The line that each plugin call appends for a reader on the node. */

import { expect, test } from "vitest";
import { Node } from "../support/node/node.ts";

const CONF = {
  cniVersion: "1.0.0",
  name: "pods",
  type: "podwire",
  ipam: { type: "host-local", subnet: "10.9.0.0/24" },
};
const JOURNAL = "/run/podwire/.journal";

function linesOf(node: Node): unknown[] {
  const lines = node.sh(`cat ${JOURNAL}`).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

const entry = (verb: string, code: number, network = "pods") => ({
  time: expect.any(Number),
  verb,
  network,
  code,
  ms: expect.any(Number),
});

test("a call appends verb, network, code and duration when there is a journal", async () => {
  await using node = await Node.create();
  node.sh(`mkdir /run/podwire; touch ${JOURNAL}`);
  const pod = { conf: CONF, containerId: "c1", netns: node.addPod("pod"), ifname: "eth0" };
  const before = Date.now();
  node.cni({ command: "ADD", ...pod });
  node.cni({ command: "ADD", ...pod });
  node.cni({ command: "DEL", ...pod });
  node.cni({ command: "ADD", ...pod, conf: "{" });
  const lines = linesOf(node);
  expect(lines).toEqual([entry("ADD", 0), entry("ADD", 100), entry("DEL", 0), entry("ADD", 6, "")]);
  for (const { time, ms } of lines as { time: number; ms: number }[]) {
    expect(time).toBeGreaterThanOrEqual(before);
    expect(ms).toBeGreaterThan(0);
  }
});

test("a call makes no journal when nobody reads one", async () => {
  await using node = await Node.create();
  const pod = { conf: CONF, containerId: "c1", netns: node.addPod("pod"), ifname: "eth0" };
  expect(node.cni({ command: "ADD", ...pod }).exitCode).toBe(0);
  expect(node.sh("ls -A /run/podwire")).not.toContain(".journal");
});

test.for([
  ["is a directory", `mkdir ${JOURNAL}`],
  ["is a pipe that nobody reads", `mkfifo ${JOURNAL}`],
] as const)("a call succeeds and prints nothing more when the journal %s", async ([, script]) => {
  await using node = await Node.create();
  node.sh(`mkdir /run/podwire; ${script}`);
  const pod = { conf: CONF, containerId: "c1", netns: node.addPod("pod"), ifname: "eth0" };
  expect(node.cni({ command: "ADD", ...pod })).toMatchObject({ exitCode: 0, stderr: "" });
});

test("a call appends nothing when the journal has reached its limit", async () => {
  await using node = await Node.create();
  node.sh(`mkdir /run/podwire; truncate -s 4M ${JOURNAL}`);
  node.cni({ command: "DEL", conf: CONF, containerId: "c1", ifname: "eth0" });
  expect(node.sh(`stat -c %s ${JOURNAL}`)).toBe(`${4 * 1024 * 1024}\n`);
});
