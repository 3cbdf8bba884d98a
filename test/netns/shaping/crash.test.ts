/** Shaping: ADD with one system call failing, or killed at it, leaves no ifb and nothing else after DEL or GC. */

import { expect, test } from "vitest";
import { forEachCall, type Injection, traced } from "../../support/fault/strace.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { ifbsOf } from "../../support/kernel/queues.ts";
import { Node } from "../../support/node/node.ts";
import { call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const bandwidth = { ingressRate: 20_000_000, egressRate: 10_000_000 };
const conf = { ...NETCONF, ...MYNET, runtimeConfig: { bandwidth } };
const sweepers: Record<string, object> = {
  DEL: MYNET,
  GC: { ...MYNET, "cni.dev/valid-attachments": [] },
};

const leftOf = (node: Node) => [...remains(node), ...ifbsOf(node)];

const faults = [
  { syscall: "sendto", error: "ENOBUFS", least: 10 },
  { syscall: "recvfrom", error: "ENOBUFS", least: 10 },
];

test.for(faults)("ADD() leaves no ifb when $syscall fails with $error at any call", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  const failures: object[] = [];
  const count = forEachCall(row.syscall, `error=${row.error}`, (injection) => {
    const done = traced(node, { command: "ADD", conf }, injection);
    if (done.exitCode === 0) call(node, "DEL", { conf: MYNET });
    const left = leftOf(node);
    if (left.length > 0) failures.push({ ...injection, left, stdout: done.stdout });
    if (left.length > 0) call(node, "DEL", { conf: MYNET });
    return done;
  });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(row.least);
});

/** ADD killed, then the sweeper; what both left. */
function leavings(node: Node, sweeper: string, injection: Injection) {
  const killed = traced(node, { command: "ADD", conf }, injection);
  const swept = call(node, sweeper, { conf: sweepers[sweeper] ?? {} });
  return { killed, exitCode: swept.exitCode, left: leftOf(node) };
}

const kills = Object.keys(sweepers).flatMap((sweeper) =>
  ["sendto", "recvfrom"].map((syscall) => ({ sweeper, syscall })),
);

test.for(kills)("$sweeper() leaves no ifb when ADD was killed at any $syscall", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  const failures: object[] = [];
  const count = forEachCall(row.syscall, "signal=KILL", (injection) => {
    const { killed, exitCode, left } = leavings(node, row.sweeper, injection);
    if (exitCode !== 0 || left.length > 0) failures.push({ ...injection, exitCode, left });
    return killed;
  });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(10);
});

test("DEL() finishes when an earlier one had sendto fail at any call", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const failures: object[] = [];
  forEachCall("sendto", "error=ENOBUFS", (injection) => {
    call(node, "ADD", { conf });
    const first = traced(node, { command: "DEL", conf: { ...NETCONF, ...MYNET } }, injection);
    const isSilent = first.exitCode === 0 && leftOf(node).length > 0;
    const again = call(node, "DEL", { conf: MYNET });
    const left = leftOf(node);
    if (isSilent || again.exitCode !== 0 || left.length > 0) failures.push({ ...injection, isSilent, left });
    return first;
  });
  expect(failures).toEqual([]);
});
