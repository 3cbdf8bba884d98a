/** ADD and DEL of host ports with one system call failing, each in turn: done, or an error and nothing left. */

import { expect, test } from "vitest";
import { forEachCall, type Injection, traced } from "../../support/fault/strace.ts";
import { allRemains, BARE, CRASHING, forgetTraffic } from "../../support/fault/traffic-crash.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

const faults = [
  { syscall: "sendto", error: "ENOBUFS", least: 10 },
  { syscall: "recvfrom", error: "ENOBUFS", least: 10 },
  { syscall: "socket", error: "EMFILE", least: 3 },
  { syscall: "bind", error: "ENOMEM", least: 3 },
  { syscall: "openat", error: "EMFILE", least: 20 },
  { syscall: "write", error: "ENOSPC", least: 8 },
];

/** ADD with a fault; what it leaves where it failed, or where DEL followed it. */
function leavings(node: Node, injection: Injection) {
  forgetTraffic(node);
  const done = traced(node, { command: "ADD", conf: CRASHING }, injection);
  if (done.exitCode === 0) call(node, "DEL", { conf: BARE });
  return { done, left: allRemains(node) };
}

test.for(faults)("ADD() leaves nothing when $syscall fails with $error at any call", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  const failures: object[] = [];
  const calls = forEachCall(row.syscall, `error=${row.error}`, (injection) => {
    const { done, left } = leavings(node, injection);
    if (left.length > 0) failures.push({ ...injection, left, stdout: done.stdout });
    if (left.length > 0) call(node, "DEL", { conf: BARE });
    return done;
  });
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThanOrEqual(row.least);
});

test.for(["sendto", "recvfrom"])(
  "ADD() prints one error document when %s fails at any call",
  async (syscall) => {
    await using node = await Node.create();
    ensurePod(node);
    const failures: object[] = [];
    forEachCall(syscall, "error=EIO", (injection) => {
      const { done } = leavings(node, injection);
      const isDocument = done.exitCode === 1 && typeof JSON.parse(done.stdout).msg === "string";
      if (done.exitCode !== 0 && !isDocument) failures.push({ ...injection, ...done });
      return done;
    });
    expect(failures).toEqual([]);
  },
);

test("DEL() removes the rest when the kernel refused the roll-back of ADD too", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const failures: object[] = [];
  for (let nth = 1, isHit = true; isHit; nth++) {
    const injection = { syscall: "sendto", nth: `${nth}+`, effect: "error=ENOBUFS" };
    isHit = traced(node, { command: "ADD", conf: CRASHING }, injection).wasHit;
    call(node, "DEL", { conf: BARE });
    const left = allRemains(node);
    if (left.length > 0) failures.push({ nth, left });
  }
  expect(failures).toEqual([]);
});

const failing = [
  { syscall: "sendto", error: "ENOBUFS", least: 3 },
  { syscall: "recvfrom", error: "ENOBUFS", least: 3 },
  { syscall: "socket", error: "EMFILE", least: 2 },
];

test.for(failing)(
  "DEL() finishes when an earlier one had $syscall fail with $error at any call",
  async (row) => {
    await using node = await Node.create();
    const failures: object[] = [];
    const count = forEachCall(row.syscall, `error=${row.error}`, (injection) => {
      attach(node, { conf: CRASHING });
      const first = traced(node, { command: "DEL", conf: BARE }, injection);
      const isSilent = first.exitCode === 0 && allRemains(node).length > 0;
      const again = call(node, "DEL", { conf: BARE });
      const left = allRemains(node);
      if (isSilent || again.exitCode !== 0 || left.length > 0)
        failures.push({ ...injection, isSilent, left });
      return first;
    });
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(row.least);
  },
);

test("ADD() leaves the holder's port alone when it is killed while it takes nothing over", async () => {
  await using node = await Node.create();
  ensurePod(node, "c2");
  attach(node, { conf: CRASHING });
  const before = allRemains(node).filter((line) => line.includes("mynet/c1/eth0"));
  const failures: object[] = [];
  forEachCall("sendto", "signal=KILL", (injection) => {
    const killed = traced(node, { command: "ADD", conf: CRASHING, containerId: "c2" }, injection);
    call(node, "DEL", { conf: BARE, containerId: "c2" });
    const after = allRemains(node).filter((line) => line.includes("mynet/c1/eth0"));
    if (after.length !== before.length) failures.push({ ...injection, after });
    return killed;
  });
  expect(failures).toEqual([]);
  expect(before.length).toBeGreaterThan(0);
});
