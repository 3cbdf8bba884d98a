/** `logFile` and `logLevel`: one line for each call, as pino writes it. */

import { expect, test } from "vitest";
import { Node } from "../support/node/node.ts";

const LOG = "/run/log/podwire.log";
const CONF = {
  cniVersion: "1.0.0",
  name: "pods",
  type: "podwire",
  ipam: { type: "host-local", subnet: "10.9.0.0/24" },
  logFile: LOG,
};
const LIMIT = 10 * 1024 * 1024;

function linesOf(node: Node): unknown[] {
  const lines = node.sh(`cat ${LOG}`).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

const podOf = (node: Node) => ({ conf: CONF, containerId: "c1", netns: node.addPod("pod"), ifname: "eth0" });

test("a call writes one line in the format of pino when there is a log file", async () => {
  await using node = await Node.create();
  const pod = podOf(node);
  node.cni({ command: "ADD", ...pod });
  const { stdout } = node.cni({ command: "ADD", ...pod });
  const common = {
    time: expect.any(Number),
    pid: expect.any(Number),
    hostname: node.sh("hostname").trimEnd(),
    verb: "ADD",
    network: "pods",
    containerId: "c1",
    ifname: "eth0",
    ms: expect.any(Number),
  };
  const { code, msg, details } = JSON.parse(stdout);
  expect(linesOf(node)).toEqual([
    { level: 30, ...common, msg: "ADD done" },
    { level: 50, ...common, err: { type: "CniError", code, message: msg, details }, msg },
  ]);
});

test.for([
  ["error", 1],
  ["silent", 0],
  ["debug", 2],
] as const)(
  "calls that went well and that failed leave the lines of the level when it is %s",
  async ([logLevel, count]) => {
    await using node = await Node.create();
    const pod = { ...podOf(node), conf: { ...CONF, logLevel } };
    node.cni({ command: "ADD", ...pod });
    node.cni({ command: "ADD", ...pod });
    expect(node.sh(`cat ${LOG} 2>/dev/null | wc -l`).trim()).toBe(String(count));
  },
);

test("a call begins a new file when the old one is full", async () => {
  await using node = await Node.create();
  node.sh(`mkdir -p /run/log; echo older > ${LOG}.1; truncate -s ${LIMIT} ${LOG}`);
  node.cni({ command: "DEL", ...podOf(node) });
  expect(node.sh(`stat -c %s ${LOG}.1`)).toBe(`${LIMIT}\n`);
  expect(linesOf(node)).toMatchObject([{ verb: "DEL" }]);
});

test.for([
  ["logFile", { logFile: "relative" }, "logFile"],
  ["logLevel", { logLevel: "loud" }, "logLevel"],
] as const)("ADD names the field and DEL goes on when %s is wrong", async ([, wrong, path]) => {
  await using node = await Node.create();
  const pod = { ...podOf(node), conf: { ...CONF, ...wrong } };
  expect(node.cni({ command: "ADD", ...pod }).json).toMatchObject({
    code: 7,
    msg: expect.stringMatching(`^${path}: got`),
  });
  expect(node.cni({ command: "DEL", ...pod }).exitCode).toBe(0);
});

test("a call succeeds and says so when the log cannot be written", async () => {
  await using node = await Node.create();
  node.sh(`mkdir -p ${LOG}`);
  const { exitCode, stderr } = node.cni({ command: "ADD", ...podOf(node) });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/not logged: open: "\/run\/log\/podwire\.log": EISDIR/);
});
